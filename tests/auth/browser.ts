import { type HttpAnswer, httpClient } from '../support/clients.ts';
import { type CookieJar, createCookieJar } from '../support/cookie-jar.ts';
import { expectStatus, signUp } from '../support/people.ts';

export const LOGIN = '/api/v1/auth/login';
export const REFRESH = '/api/v1/auth/refresh';
export const CSRF = '/api/v1/auth/csrf';
export const SECURE = '__Host-coucou_refresh';
/** As behind a proxy that ends TLS. */
export const PUBLIC_URL = 'https://chat.example.com';
export const APP = 'https://app.example.com';

/** As much of a browser as cookies need: a jar for one host, and the headers that a page's calls carry. */
export type Browser = Readonly<{
  jar: CookieJar['cookies'];
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
}>;

export function browserAt(url: string): Browser {
  const jar = createCookieJar();
  const http = httpClient(url);
  return {
    jar: jar.cookies,
    async call(method, path, body, headers = {}) {
      const cookie = jar.header();
      const page = { ...(method !== 'GET' && { origin: url }), 'sec-fetch-site': 'same-origin' };
      const answer = await http.call(method, path, body, { ...page, ...(cookie !== undefined && { cookie }), ...headers });
      jar.keep(answer.headers);
      return answer;
    },
  };
}

/** What a browser may keep under `__Host-` (RFC 6265bis, 4.1.3.2), and what keeps pages and other sites away. */
export const hostCookie = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

/** Somebody who is signed in, with a browser that has their session. */
export async function signedInAt(url: string, clientKey = 'default') {
  const person = await signUp(url, 'alice', { clientKey });
  const browser = browserAt(url);
  const key = { 'x-client-key': clientKey };
  const session = expectStatus(
    await browser.call('POST', LOGIN, { identifier: person.username, password: person.password, mode: 'cookie' }, key),
    200,
  );
  return { person, browser, session, key, csrf: { 'x-csrf-token': session.csrfToken as string } };
}

export const cookieOf = ({ jar }: Browser): string => [...jar.values()][0]?.value ?? '';
export const codeOf = ({ status, body }: { status: number; body: { code?: string; details?: unknown } }) => [
  status,
  body.code,
  body.details,
];
