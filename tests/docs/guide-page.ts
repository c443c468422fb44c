import { softAuthenticator } from '../support/authenticator.ts';
import { createBrowser } from '../support/browser.ts';
import { addAuthenticator, type Page } from '../support/chromium.ts';
import { until } from '../support/until.ts';

/** What stands in the blocks of a guide that run on a page (```js page), and where they run. */

export type PageBlock = Readonly<{ line: number; source: string; expected: readonly string[] }>;

const WHERE = 'http://127.0.0.1:3000';
const SHOWN = /^console\.log\((.*)\); \/\/ → (.+)$/gm;

/** The blocks below one heading, each with the first block of the guide before it; `url` takes the place of the address that the guide names. */
export function pageBlocksOf(markdown: string, heading: string, url: string): readonly PageBlock[] {
  const [, helpers = ''] = /^```js\n([\s\S]*?)^```/m.exec(markdown) ?? [];
  const begin = markdown.indexOf(`\n## ${heading}\n`);
  const end = markdown.indexOf('\n## ', begin + 1);
  const section = markdown.slice(begin, end === -1 ? undefined : end);
  return [...section.matchAll(/^```js page\n([\s\S]*?)^```/gm)].map(({ index, 1: block = '' }) => ({
    line: markdown.slice(0, begin + index).split('\n').length,
    expected: [...block.matchAll(SHOWN)].map(([, , values = '']) => `[${values}]`),
    source: `${helpers}\nconst printed = [];\n${block.replace(SHOWN, 'printed.push([$1]);')}\nreturn printed;`.replaceAll(WHERE, url),
  }));
}

/** A page in a browser. */
export type GuidePage = Readonly<{
  /** Goes to the first page of a server. */
  open(url: string): Promise<void>;
  /** What a block printed; `me`: the answer to a sign-in. */
  run(block: PageBlock, me?: unknown): Promise<unknown[]>;
  /** Waits until the page, which has gone elsewhere, is at such an address. */
  isAt(wanted: (url: URL) => boolean): Promise<void>;
}>;

export async function inChromium(page: Page): Promise<GuidePage> {
  await addAuthenticator(page);
  return {
    async open(url) {
      // Any page of the origin: its own policy lets no script call the API.
      await page.send('Page.setBypassCSP', { enabled: true });
      await page.open(`${url}/`);
    },
    run: ({ source }, me) => page.evaluate(`(async (me) => {${source}})(${JSON.stringify(me)})`),
    async isAt(wanted) {
      // Between two pages there is none to ask.
      const address = () => page.evaluate<string>('document.readyState === "complete" ? location.href : ""').catch(() => '');
      const isThere = async () => {
        const text = await address();
        return URL.canParse(text) && wanted(new URL(text));
      };
      await until(isThere, { what: 'the page to come back' });
    },
  };
}

/** As much of a page as the blocks touch, with an authenticator in software, for machines without Chromium. */
export function inSoftware(): GuidePage {
  const browser = createBrowser();
  let authenticator = softAuthenticator('');
  let at = new URL('about:blank');
  let going: Promise<URL> | undefined;
  const isReturn = ({ origin, pathname }: URL) => origin === at.origin && pathname === '/';
  const withJson = <T extends object>(credential: T) => ({ ...credential, toJSON: () => credential });
  type Created = Parameters<typeof authenticator.create>[0];
  type Asked = Parameters<typeof authenticator.get>[0];
  const page = {
    fetch: browser.fetch,
    location: {
      get origin() {
        return at.origin;
      },
      get pathname() {
        return at.pathname;
      },
      get search() {
        return at.search;
      },
      assign: (next: string) => void (going = browser.open(next, isReturn).then(({ url }) => url)),
    },
    history: { replaceState: (_state: null, _title: string, path: string) => void (at = new URL(path, at)) },
    navigator: {
      credentials: {
        create: async ({ publicKey }: { publicKey: Created }) => withJson(authenticator.create(publicKey)),
        get: async ({ publicKey }: { publicKey: Asked }) => withJson(authenticator.get(publicKey)),
      },
    },
    PublicKeyCredential: { parseCreationOptionsFromJSON: (json: object) => json, parseRequestOptionsFromJSON: (json: object) => json },
  };
  const AsyncFunction = (async () => {}).constructor as new (...text: string[]) => (...values: unknown[]) => Promise<unknown[]>;
  return {
    async open(url) {
      at = new URL(`${url}/`);
      authenticator = softAuthenticator(at.origin);
    },
    run: ({ source }, me) => new AsyncFunction('me', ...Object.keys(page), source)(me, ...Object.values(page)),
    async isAt(wanted) {
      at = (await going) ?? at;
      if (!wanted(at)) throw new Error(`the page came to ${at.href}`);
    },
  };
}
