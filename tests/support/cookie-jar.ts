import { parseSetCookie, type SetCookie, stringifyCookie } from 'cookie';

/** The cookies that a browser keeps for one host. */
export type CookieJar = Readonly<{
  cookies: Map<string, SetCookie>;
  /** The `Cookie` header of the next request; undefined without cookies. */
  header(): string | undefined;
  /** Keeps what an answer sets, and drops what it expires. */
  keep(headers: Headers): void;
}>;

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, SetCookie>();
  return {
    cookies,
    header: () =>
      cookies.size === 0 ? undefined : stringifyCookie(Object.fromEntries([...cookies.values()].map(({ name, value }) => [name, value]))),
    keep(headers) {
      for (const text of headers.getSetCookie()) {
        const set = parseSetCookie(text);
        if (set.maxAge === 0 || set.value === '') cookies.delete(set.name);
        else cookies.set(set.name, set);
      }
    },
  };
}
