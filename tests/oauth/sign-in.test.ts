import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, createBrowser } from '../support/browser.ts';
import { httpClient } from '../support/clients.ts';
import { startOnEither } from '../support/either-engine.ts';
import type { Payload } from '../support/event-log.ts';
import { type Issuer, type IssuerPerson, startIssuer } from '../support/issuer.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { callbackAnswer } from './callback-answer.ts';

const RETURN = 'https://app.example.com/signed-in';

let issuer: Issuer;
let other: Issuer;
let app: ListeningApp;

beforeAll(async () => {
  [issuer, other] = await Promise.all([startIssuer(), startIssuer()]);
  app = await startOnEither({
    env: {
      ...issuer.environment('ONE'),
      ...other.environment('TWO'),
      OAUTH_ONE_NAME: 'The first one',
      OUTBOUND_ALLOW: '127.0.0.1',
      RETURN_TO: `${RETURN},https://other.example.com/,com.example.app:/signed-in`,
    },
  });
});
afterAll(async () => {
  await app?.close();
  await Promise.all([issuer?.close(), other?.close()]);
});

let count = 0;
let person: IssuerPerson;
let browser: Browser;
beforeEach(() => {
  count += 1;
  const name = `alice${count}-${randomBytes(3).toString('hex')}`;
  person = { sub: name, email: `${name}@example.com`, email_verified: true, name: 'Alice', preferred_username: name };
  browser = createBrowser();
  for (const each of [issuer, other]) {
    each.person.now = person;
    each.twist.now = undefined;
    each.answer.now = undefined;
  }
});

const startOf = (provider = 'one', query: Record<string, string> = {}) =>
  `${app.url}/api/v1/auth/oauth/${provider}?${new URLSearchParams({ return_to: RETURN, ...query }).toString()}`;
const isReturn = ({ href }: URL) => href.startsWith(RETURN);
const isCallback = ({ pathname }: URL) => pathname.endsWith('/callback');

/** Through the provider and back: the parameters that the client gets. */
async function roundTrip(in_ = browser, provider = 'one', query: Record<string, string> = {}): Promise<URLSearchParams> {
  const { url, response } = await in_.open(startOf(provider, query), isReturn);
  if (response !== undefined) throw new Error(`${url.href} was answered ${response.status}: ${await response.text()}`);
  return url.searchParams;
}

/** Through the provider, as far as the callback, which is not opened. */
const toCallback = async (in_ = browser, provider = 'one'): Promise<URL> => (await in_.open(startOf(provider), isCallback)).url;

const callBack = (url: URL, in_ = browser) => callbackAnswer(in_, url);

async function post(path: string, body: unknown, in_ = browser, headers: Record<string, string> = {}) {
  const response = await in_.fetch(`${app.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Payload };
}
const exchange = (parameters: URLSearchParams, in_ = browser, more: object = {}) =>
  post('/auth/oauth/exchange', { code: parameters.get('code'), ...more }, in_);

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('signing in at an identity provider', () => {
  it('leads through the provider and back, to a session', async () => {
    const { status, body } = await exchange(await roundTrip());
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: { username: person.preferred_username, displayName: 'Alice', email: person.email, emailVerified: true },
      session: { current: true },
    });
    const me = expectStatus(await httpClient(app.url, { token: body.accessToken }).call('GET', '/api/v1/auth/me'), 200);
    expect(me.user.id).toBe(body.user.id);
    const again = await exchange(await roundTrip(createBrowser()), createBrowser());
    expect(again).toMatchObject({ status: 401, body: { code: 'OAUTH_CODE_INVALID' } });
    expect((await exchange(await roundTrip())).body.user.id).toBe(body.user.id);
  });

  it('is offered by name, to people and to programs', async () => {
    const client = httpClient(app.url);
    const providers = [
      { id: 'one', name: 'The first one' },
      { id: 'two', name: 'two' },
    ];
    expect(expectStatus(await client.call('GET', '/api/v1/auth/oauth'), 200)).toEqual({ items: providers });
    expect(expectStatus(await client.call('GET', '/.well-known/coucou'), 200)).toMatchObject({
      signIn: expect.arrayContaining(['password', 'oauth']),
      identityProviders: providers.map((provider) => ({ ...provider, url: expect.stringMatching(`/api/v1/auth/oauth/${provider.id}$`) })),
    });
  });

  it('keeps a secret in the browser that no page reads and no other site sends', async () => {
    const response = await browser.fetch(startOf());
    expect(response.status).toBe(302);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^coucou-browser=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const secret = browser.cookies(app.url).get('coucou-browser')?.value;
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(response.headers.get('location')).not.toContain(secret);
  });

  it('works in two tabs at once', async () => {
    const [first, second] = [await toCallback(), await toCallback(browser, 'two')];
    for (const url of [second, first]) {
      const { location } = await callBack(url);
      expect((await exchange(location?.searchParams ?? new URLSearchParams())).status).toBe(200);
    }
  });

  it('tells the client that somebody refused, and that a provider was not believed', async () => {
    issuer.person.now = undefined;
    expect(Object.fromEntries(await roundTrip())).toEqual({ error: 'OAUTH_FAILED' });
    issuer.person.now = person;
    issuer.twist.now = (claims, sign) => sign({ ...claims, aud: 'somebody-else' });
    expect(Object.fromEntries(await roundTrip())).toEqual({ error: 'OAUTH_FAILED' });
  });

  it('refuses an address that is not verified, the same whether or not it is somebody here', async () => {
    const alice = await signUp(app.url);
    for (const email of [alice.email, 'nobody-here@example.com']) {
      issuer.person.now = { ...person, email, email_verified: false };
      expect(await exchange(await roundTrip())).toMatchObject({ status: 403, body: { code: 'OAUTH_EMAIL_UNVERIFIED', details: {} } });
    }
  });

  it('makes somebody else of the same subject at another issuer', async () => {
    for (const each of [issuer, other]) each.person.now = { sub: person.sub };
    const [one, two] = [await exchange(await roundTrip()), await exchange(await roundTrip(browser, 'two'))];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(two.body.user.id).not.toBe(one.body.user.id);
  });

  it('is for the account that the page names', async () => {
    const { response } = await browser.open(startOf('one', { client_key: 'nobody' }), isReturn);
    expect(response?.status).toBe(401);
    const named = await browser.fetch(startOf('one', { client_key: 'default' }), { headers: { 'x-client-key': 'other' } });
    expect(named.status).toBe(403);
    expect((await roundTrip(browser, 'one', { client_key: 'default' })).get('code')).not.toBeNull();
  });
});

describe('the exchange', () => {
  it('is good once', async () => {
    const parameters = await roundTrip();
    expect((await exchange(parameters)).status).toBe(200);
    expect(await exchange(parameters)).toMatchObject({ status: 401, body: { code: 'OAUTH_CODE_INVALID' } });
  });

  it('takes the verifier of the challenge that a client without cookies began with', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const parameters = await roundTrip(browser, 'one', { code_challenge: challenge });
    expect((await exchange(parameters)).body.code).toBe('OAUTH_CODE_INVALID');
    expect((await exchange(parameters, createBrowser(), { codeVerifier: randomBytes(32).toString('base64url') })).status).toBe(401);
    expect((await exchange(parameters, createBrowser(), { codeVerifier: verifier })).status).toBe(200);
  });

  it('refuses a code that another browser got, so that nobody is signed in as somebody else', async () => {
    const parameters = await roundTrip(createBrowser());
    await browser.fetch(startOf());
    expect((await exchange(parameters)).body.code).toBe('OAUTH_CODE_INVALID');
  });
});

describe('linking', () => {
  it('adds a way in to who is signed in, and takes it away', async () => {
    const alice = await signUp(app.url);
    const code = (await roundTrip()).get('code');
    const linked = await post('/auth/identities', { code }, browser, bearer(alice.accessToken));
    expect(linked).toMatchObject({ status: 201, body: { issuer: issuer.url, provider: 'one', email: person.email } });
    const again = await post('/auth/identities', { code: (await roundTrip()).get('code') }, browser, bearer(alice.accessToken));
    expect(again).toMatchObject({ status: 200, body: { id: linked.body.id } });
    expect((await exchange(await roundTrip())).body.user.id).toBe(alice.id);
    expect(expectStatus(await alice.http.call('GET', '/api/v1/auth/identities'), 200).items).toMatchObject([{ provider: 'one' }]);
    expectStatus(await alice.http.call('DELETE', `/api/v1/auth/identities/${linked.body.id}`), 204);
    expect(expectStatus(await alice.http.call('GET', '/api/v1/auth/identities'), 200).items).toEqual([]);
  });

  it('links nothing by a code of another browser, which somebody was made to open', async () => {
    const alice = await signUp(app.url);
    const code = (await roundTrip(createBrowser())).get('code');
    await browser.fetch(startOf());
    expect(await post('/auth/identities', { code }, browser, bearer(alice.accessToken))).toMatchObject({
      status: 401,
      body: { code: 'OAUTH_CODE_INVALID' },
    });
  });

  it('leaves the last way in', async () => {
    issuer.person.now = { sub: person.sub };
    const { body } = await exchange(await roundTrip());
    const client = httpClient(app.url, { token: body.accessToken });
    const [identity] = expectStatus(await client.call('GET', '/api/v1/auth/identities'), 200).items;
    expect(await client.call('DELETE', `/api/v1/auth/identities/${identity.id}`)).toMatchObject({
      status: 409,
      body: { code: 'LAST_WAY_IN' },
    });
  });
});

describe('the callback', () => {
  const without = (url: URL, name: string) => {
    const changed = new URL(url);
    changed.searchParams.delete(name);
    return changed;
  };
  const having = (url: URL, name: string, value: string) => {
    const changed = new URL(url);
    changed.searchParams.set(name, value);
    return changed;
  };

  it('is good once', async () => {
    const url = await toCallback();
    expect((await callBack(url)).location?.searchParams.has('code')).toBe(true);
    expect(await callBack(url)).toEqual({ status: 401, code: 'OAUTH_STATE_INVALID' });
  });

  it('leads nowhere in another browser', async () => {
    const url = await toCallback();
    expect(await callBack(url, createBrowser())).toEqual({ status: 401, code: 'OAUTH_STATE_INVALID' });
    const stranger = createBrowser();
    await stranger.fetch(startOf());
    expect(await callBack(url, stranger)).toEqual({ status: 401, code: 'OAUTH_STATE_INVALID' });
    // Nor does that spend it.
    expect((await callBack(url)).location?.searchParams.has('code')).toBe(true);
  });

  it("takes no state of another provider's", async () => {
    const url = await toCallback(browser, 'two');
    url.pathname = url.pathname.replace('/two/', '/one/');
    expect(await callBack(url)).toEqual({ status: 401, code: 'OAUTH_STATE_INVALID' });
  });

  it("redeems no code of another provider's under its own state (mix-up)", async () => {
    const [one, two] = [await toCallback(), await toCallback(browser, 'two')];
    issuer.asked.length = 0;
    const mixed = having(one, 'code', two.searchParams.get('code') ?? '');
    mixed.searchParams.set('iss', other.url);
    expect((await callBack(mixed)).location?.searchParams.get('error')).toBe('OAUTH_FAILED');
    expect(issuer.asked).not.toContain('/token');
  });

  it('redeems no code that was issued to another flow', async () => {
    const [mine, theirs] = [await toCallback(), await toCallback(createBrowser())];
    const injected = having(mine, 'code', theirs.searchParams.get('code') ?? '');
    expect((await callBack(injected)).location?.searchParams.get('error')).toBe('OAUTH_FAILED');
  });

  it.each<[string, (url: URL) => URL, string]>([
    ['no state', (url) => without(url, 'state'), 'VALIDATION_FAILED'],
    ['an empty state', (url) => having(url, 'state', ''), 'OAUTH_STATE_INVALID'],
    ['a made-up state', (url) => having(url, 'state', 'a-state'), 'OAUTH_STATE_INVALID'],
    ['a changed state', (url) => having(url, 'state', `${url.searchParams.get('state')}A`), 'OAUTH_STATE_INVALID'],
    ['two states', (url) => new URL(`${url.href}&state=another`), 'VALIDATION_FAILED'],
    ['two codes', (url) => new URL(`${url.href}&code=another`), 'VALIDATION_FAILED'],
    ['two issuers', (url) => new URL(`${url.href}&iss=https%3A%2F%2Fissuer.example`), 'VALIDATION_FAILED'],
    ['a state of megabytes', (url) => having(url, 'state', 'x'.repeat(9_000)), 'VALIDATION_FAILED'],
  ])('refuses %s', async (_, change, code) => {
    expect((await callBack(change(await toCallback()))).code).toBe(code);
  });

  it('follows what the provider adds of its own', async () => {
    const url = await toCallback();
    url.searchParams.set('session_state', 'a.b.c');
    url.searchParams.set('scope', 'openid email');
    expect((await callBack(url)).location?.searchParams.has('code')).toBe(true);
  });

  it('answers no HEAD, by which scanners of links would spend it', async () => {
    const url = await toCallback();
    expect((await browser.fetch(url.href, { method: 'HEAD' })).status).toBe(404);
    expect((await callBack(url)).location?.searchParams.has('code')).toBe(true);
  });
});
