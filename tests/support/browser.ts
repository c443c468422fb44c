import { type CookieJar, createCookieJar } from './cookie-jar.ts';

/** As much of a browser as a sign-in by redirects needs: it keeps cookies by host and port, and follows redirects of pages. */
export type Browser = Readonly<{
  /** Opens a page and follows its redirects, until one leads to where nobody is asked (`stopAt`) or an answer is none. */
  open(url: string, stopAt?: (url: URL) => boolean): Promise<Readonly<{ url: URL; response: Response | undefined }>>;
  /** One request, with the cookies of its host. */
  fetch(url: string, request?: RequestInit): Promise<Response>;
  /** Cookies of the host of this URL, by name. */
  cookies(url: string): CookieJar['cookies'];
}>;

const MOST_REDIRECTS = 20;

export function createBrowser(): Browser {
  const jars = new Map<string, CookieJar>();
  const jarOf = (url: string): CookieJar => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? createCookieJar();
    jars.set(host, jar);
    return jar;
  };

  const browse: Browser['fetch'] = async (url, request = {}) => {
    const jar = jarOf(url);
    const headers = new Headers(request.headers);
    const cookie = jar.header();
    if (cookie !== undefined) headers.set('cookie', cookie);
    const response = await fetch(url, { ...request, headers, redirect: 'manual' });
    jar.keep(response.headers);
    return response;
  };

  return {
    fetch: browse,
    cookies: (url) => jarOf(url).cookies,
    async open(start, stopAt = () => false) {
      let url = new URL(start);
      for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
        if (stopAt(url)) return { url, response: undefined };
        const response = await browse(url.href);
        const location = response.headers.get('location');
        if (location === null || response.status < 300 || response.status > 399) return { url, response };
        await response.body?.cancel();
        url = new URL(location, url);
      }
      throw new Error(`${start} redirects more than ${MOST_REDIRECTS} times`);
    },
  };
}
