import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asId } from '@coucou/domain/kernel/ids';
import { decodeJwt } from 'jose';
import { newDevice } from '../auth/device.ts';
import { changeSettings, makeAccount } from '../support/accounts.ts';
import { createBrowser } from '../support/browser.ts';
import { type HttpClient, httpClient } from '../support/clients.ts';
import { startOnEither } from '../support/either-engine.ts';
import type { Payload } from '../support/event-log.ts';
import { type Issuer, type IssuerPerson, startIssuer } from '../support/issuer.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus } from '../support/people.ts';

/** An account takes the ID tokens of a real OpenID provider, over HTTP. */

let issuer: Issuer;
let app: ListeningApp;
let owner: Payload;
let http: HttpClient;
let container: Parameters<typeof makeAccount>[0];
beforeAll(async () => {
  issuer = await startIssuer();
  const [ADMIN_EMAIL, ADMIN_PASSWORD] = ['owner@example.com', 'a long password of the owner'];
  app = await startOnEither({
    env: { OUTBOUND_ALLOW: '127.0.0.1', ADMIN_EMAIL, ADMIN_PASSWORD },
    overrides: { overrides: [(ports) => void (container = ports)] },
  });
  const credentials = { identifier: ADMIN_EMAIL, password: ADMIN_PASSWORD };
  owner = expectStatus(await httpClient(app.url).call('POST', '/api/v1/auth/login', credentials), 200);
  http = httpClient(app.url, { token: owner['accessToken'] });
  await register();
});
afterAll(async () => {
  await app?.close();
  await issuer?.close();
});

let person: IssuerPerson;
beforeEach(() => {
  const name = `alice-${randomBytes(4).toString('hex')}`;
  person = { sub: name, email: `${name}@example.com`, email_verified: true, name: 'Alice', preferred_username: name };
  issuer.person.now = person;
});

const register = async (more: object = {}) =>
  expectStatus(await http.call('POST', '/api/v1/admin/issuers', { issuer: issuer.url, audiences: [issuer.clientId], ...more }), 201);
const EXCHANGE = '/api/v1/auth/tokens/exchange';
const exchange = (token: string, more: object = {}, clientKey?: string) =>
  httpClient(app.url, { ...(clientKey !== undefined && { clientKey }) }).call('POST', EXCHANGE, { token, ...more });

/** What an app of the account gets from the provider when the person signs in there. */
async function idToken(): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = 'http://127.0.0.1:9/callback';
  const query = new URLSearchParams({
    client_id: issuer.clientId,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'openid email profile',
    // Of two sign-ins in one second the tokens were the same without it.
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const { url } = await createBrowser().open(`${issuer.url}/auth?${query.toString()}`, ({ href }) => href.startsWith(redirect));
  const response = await fetch(`${issuer.url}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${issuer.clientId}:${encodeURIComponent(issuer.clientSecret)}`).toString('base64')}`,
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: redirect,
      code_verifier: verifier,
    }),
  });
  return ((await response.json()) as { id_token: string }).id_token;
}

describe('an ID token of a provider', () => {
  it('becomes a session, once; the token itself is good for nothing else', async () => {
    const token = await idToken();
    expect(await httpClient(app.url, { token }).call('GET', '/api/v1/auth/me')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    const session = expectStatus(await exchange(token), 200);
    expect(session).toMatchObject({ tokenType: 'Bearer', session: { current: true }, refreshToken: expect.any(String) });
    const me = expectStatus(await httpClient(app.url, { token: session.accessToken }).call('GET', '/api/v1/auth/me'), 200);
    expect(me.user.id).toBe(session.user.id);
    expectStatus(await httpClient(app.url).call('POST', '/api/v1/auth/refresh', { refreshToken: session.refreshToken }), 200);
    expect(await exchange(token)).toMatchObject({
      status: 401,
      body: { code: 'EXTERNAL_TOKEN_INVALID', details: { reason: 'used' } },
    });
    expect(expectStatus(await exchange(await idToken()), 200).user.id).toBe(session.user.id);
  });

  it('is read by discovery, and is checked for who administers', async () => {
    const { items } = expectStatus(await http.call('GET', '/api/v1/admin/issuers'), 200);
    const check = (token: string) => http.call('POST', `/api/v1/admin/issuers/${items[0].id}/check`, { token });
    expect(expectStatus(await check(await idToken()), 200)).toEqual({
      keys: [{ kid: 'issuer-key', type: 'RSA', algorithm: 'RS256' }],
      verdict: { accepted: true, subject: person.sub, emailVerified: false },
    });
    const forAnother = await issuer.sign({ iss: issuer.url, aud: 'another', sub: 'x', iat: seconds(), exp: seconds() + 60 });
    expect(expectStatus(await check(forAnother), 200)['verdict']).toEqual({ accepted: false, fault: 'aud' });
  });

  it('leaves its refresh token in a cookie for browsers, of pages that are allowed', async () => {
    const token = await idToken();
    const from = (origin: string) => ({ origin, 'content-type': 'application/json' });
    const post = (origin: string) =>
      fetch(`${app.url}${EXCHANGE}`, { method: 'POST', headers: from(origin), body: JSON.stringify({ token, mode: 'cookie' }) });
    expect((await post('https://evil.example')).status).toBe(403);
    const answer = await post(app.url);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([
      200,
      [expect.stringMatching(/^coucou_refresh=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/)],
    ]);
    expect(await answer.json()).toMatchObject({ csrfToken: expect.any(String) });
  });

  it('is exchanged by a device with its key where the account binds its sessions', async () => {
    const account = asId<'account'>(String(decodeJwt(owner['accessToken'])['acc']));
    await changeSettings(container, account, { boundSessions: true });
    try {
      const token = await idToken();
      expect(await exchange(token)).toMatchObject({ status: 401, body: { code: 'DPOP_PROOF_REQUIRED' } });
      const device = await newDevice();
      const session = expectStatus(await device.call(app.url, { method: 'POST', path: EXCHANGE, body: { token } }), 200);
      expect(session).toMatchObject({ tokenType: 'DPoP' });
      const me = { method: 'GET', path: '/api/v1/auth/me', token: session.accessToken };
      expect(expectStatus(await device.call(app.url, me), 200).user.id).toBe(session.user.id);
    } finally {
      await changeSettings(container, account, { boundSessions: false });
    }
  });

  it('signs nobody into an account that has not registered its issuer', async () => {
    const { clientKey } = await makeAccount(container);
    expect(await exchange(await idToken(), {}, clientKey)).toMatchObject({
      status: 401,
      body: { code: 'EXTERNAL_TOKEN_INVALID', details: {} },
    });
    expect((await exchange(await idToken(), {}, 'no-such-account')).status).toBe(401);
  });
});

describe('tokens of this server', () => {
  it('are none of an issuer, not even of one that an account has registered', async () => {
    const jwksUrl = `${app.url}/.well-known/jwks.json`;
    await register({ issuer: 'coucou', jwksUrl, audiences: ['coucou'], maxTokenSeconds: 86_400 });
    for (const token of [owner['accessToken'], owner['refreshToken']])
      expect(await exchange(token)).toMatchObject({ status: 401, body: { code: 'EXTERNAL_TOKEN_INVALID', details: {} } });
  });
});

const seconds = (): number => Math.floor(Date.now() / 1_000);
