import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, createBrowser } from '../support/browser.ts';
import { startOnEither } from '../support/either-engine.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import type { ListeningApp } from '../support/listening-app.ts';

const RETURN = 'https://app.example.com/signed-in';

let issuer: Issuer;
let app: ListeningApp;
let browser: Browser;

beforeAll(async () => {
  issuer = await startIssuer();
  const returnTo = `${RETURN},https://other.example.com/,com.example.app:/signed-in`;
  app = await startOnEither({ env: { ...issuer.environment('ONE'), OUTBOUND_ALLOW: '127.0.0.1', RETURN_TO: returnTo } });
});
afterAll(async () => {
  await app?.close();
  await issuer?.close();
});
beforeEach(() => {
  issuer.person.now = { sub: randomBytes(6).toString('hex') };
  browser = createBrowser();
});

const startOf = (provider = 'one', query: Record<string, string> = {}) =>
  `${app.url}/api/v1/auth/oauth/${provider}?${new URLSearchParams({ return_to: RETURN, ...query }).toString()}`;
const isReturn = ({ href }: URL) => href.startsWith(RETURN);

describe('where a sign-in returns to', () => {
  it.each([
    `${RETURN}?from=menu`,
    'https://other.example.com/any/where',
    'HTTPS://OTHER.example.com:443/a/../b',
    'https://other.example.com\\@evil.example/',
    'com.example.app:/signed-in',
    // Without what URL parsers leave out.
    'https://other.example.com/\r\nSet-Cookie: a=b',
    // Of the machine that alone reaches this server.
    'http://localhost:5173/signed-in',
  ])('may be %s', async (address) => {
    const { url } = await browser.open(startOf('one', { return_to: address }), ({ host }) => !host.startsWith('127.0.0.1'));
    expect(url.href.startsWith(new URL(address).href)).toBe(true);
    expect(url.searchParams.has('code')).toBe(true);
  });

  it.each([
    ['https://evil.example/signed-in', 422],
    ['https://app.example.com/signed-in/../evil', 422],
    ['https://app.example.com/signed-in%2f..%2fevil', 422],
    ['https://app.example.com.evil.example/signed-in', 422],
    ['https://app.example.com:444/signed-in', 422],
    ['http://app.example.com/signed-in', 422],
    ['https://other.example.com@evil.example/', 400],
    ['https://evil.example\\.other.example.com/', 422],
    ['https://user:password@other.example.com/', 400],
    ['https://other.example.com/#fragment', 400],
    ['https://other.example.com/?code=theirs', 400],
    ['//evil.example/', 400],
    ['/signed-in', 400],
    ['javascript:alert(1)', 400],
    ['data:text/html,hello', 400],
    ['com.example.app:/other', 422],
    ['evil:/signed-in', 400],
    ['', 400],
  ])('may not be %j', async (address, status) => {
    const response = await browser.fetch(startOf('one', { return_to: address }));
    const location = response.headers.get('location');
    expect(location).toBeNull();
    expect(response.status).toBe(status);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(['RETURN_TO_REFUSED', 'VALIDATION_FAILED']).toContain(((await response.json()) as { code: string }).code);
  });

  it('is the first of the list when the page names none', async () => {
    const { url } = await browser.open(`${app.url}/api/v1/auth/oauth/one`, isReturn);
    expect(url.searchParams.has('code')).toBe(true);
  });

  it('does not depend on the Host that somebody sends', async () => {
    const response = await browser.fetch(startOf(), { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } });
    const redirect = new URL(response.headers.get('location') ?? '').searchParams.get('redirect_uri');
    expect(redirect).toBe(`${app.url}/api/v1/auth/oauth/one/callback`);
  });

  it('is asked for at a provider that there is', async () => {
    const response = await browser.fetch(startOf('three'));
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'OAUTH_PROVIDER_UNKNOWN']);
  });
});
