import { RefreshTokens } from '@coucou/application/ports/tokens';
import { asId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAccount } from '../support/accounts.ts';
import { httpClient } from '../support/clients.ts';
import { startOnEither } from '../support/either-engine.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { APP, codeOf, cookieOf, CSRF, LOGIN, PUBLIC_URL, REFRESH, SECURE, signedInAt } from './browser.ts';

let app: ListeningApp;
let container: Container;
beforeAll(async () => {
  // As behind a proxy that ends TLS.
  app = await startOnEither({
    env: { PUBLIC_URL, CORS_ORIGINS: APP },
    overrides: { overrides: [(ports) => void (container = ports)] },
  });
});
afterAll(() => app?.close());

const signedIn = (at = app, clientKey = 'default') => signedInAt(at.url, clientKey);

describe('a forged refresh', () => {
  it.each<[string, (own: string, theirs: string) => Record<string, string>, unknown]>([
    ['without a token', () => ({}), { reason: 'missing', header: 'X-CSRF-Token' }],
    ['with an empty token', () => ({ 'x-csrf-token': '' }), { reason: 'invalid', header: 'X-CSRF-Token' }],
    ['with any token', () => ({ 'x-csrf-token': 'x'.repeat(86) }), { reason: 'invalid', header: 'X-CSRF-Token' }],
    ['with the token of another session', (_, theirs) => ({ 'x-csrf-token': theirs }), { reason: 'invalid', header: 'X-CSRF-Token' }],
    [
      'with a token that was changed',
      (own) => ({ 'x-csrf-token': `${own.slice(0, -2)}AA` }),
      { reason: 'invalid', header: 'X-CSRF-Token' },
    ],
    ['with two tokens', (own, theirs) => ({ 'x-csrf-token': `${own}, ${theirs}` }), { reason: 'invalid', header: 'X-CSRF-Token' }],
    [
      'from another site, by its fetch metadata',
      (own) => ({ 'x-csrf-token': own, 'sec-fetch-site': 'cross-site', origin: '' }),
      { reason: 'origin' },
    ],
    [
      'from a sibling host, by its fetch metadata',
      (own) => ({ 'x-csrf-token': own, 'sec-fetch-site': 'same-site', origin: '' }),
      { reason: 'origin' },
    ],
  ])('%s is refused, and the session lives', async (_, headers, details) => {
    const { browser, csrf } = await signedIn();
    const { csrf: others } = await signedIn();
    const forged = { origin: APP, ...headers(csrf['x-csrf-token'], others['x-csrf-token']) };
    const { origin, ...rest } = forged;
    // Not by the browser of the test, which adds an origin of its own.
    const answer = await httpClient(app.url).call('POST', REFRESH, undefined, {
      cookie: `${SECURE}=${cookieOf(browser)}`,
      ...rest,
      ...(origin !== '' && { origin }),
    });
    expect(codeOf(answer)).toEqual([403, 'CSRF_FAILED', details]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expectStatus(await browser.call('POST', REFRESH, undefined, csrf), 200);
  });

  it.each([
    'https://evil.example',
    'null',
    `${PUBLIC_URL}.evil.example`,
    'https://evil.example/https://chat.example.com',
    'http://chat.example.com',
  ])('of the origin %s is refused with any token', async (origin) => {
    const { browser, csrf } = await signedIn();
    const answer = await browser.call('POST', REFRESH, undefined, { ...csrf, origin });
    expect([answer.status, answer.body.code]).toEqual([403, 'ORIGIN_REFUSED']);
    const read = await browser.call('GET', CSRF, undefined, { origin });
    expect(codeOf(read)).toEqual([403, 'CSRF_FAILED', { reason: 'origin' }]);
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded'])('as a form of %s is refused before anything is looked at', async (type) => {
    const { browser, csrf } = await signedIn();
    const answer = await browser.call('POST', REFRESH, '{}', { ...csrf, 'content-type': type });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([415, []]);
  });

  it.each([
    ['form', { 'content-type': 'text/plain' }, 415],
    ['origin', { origin: 'https://evil.example', 'content-type': 'application/json' }, 403],
    ['fetch metadata', { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }, 403],
  ])('login cannot put a stranger into a browser, by its %s', async (_, headers, status) => {
    const { person } = await signedIn();
    const body = JSON.stringify({ identifier: person.username, password: person.password, mode: 'cookie' });
    const answer = await httpClient(app.url).call('POST', LOGIN, body, headers);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([status, []]);
  });
});

describe('a cookie', () => {
  const refreshWith = async (cookie: (own: string) => string) => {
    const { browser, csrf } = await signedIn();
    const answer = await httpClient(app.url).call('POST', REFRESH, undefined, { ...csrf, cookie: cookie(cookieOf(browser)) });
    // Whatever it was, it ended nothing.
    expectStatus(await browser.call('POST', REFRESH, undefined, csrf), 200);
    return answer;
  };
  const twice = { cookie: SECURE, reason: 'it came more than once' };
  const strange = { cookie: SECURE, reason: 'it holds no refresh token of this server' };

  it.each<[string, (own: string) => string, unknown]>([
    ['twice', (own) => `${SECURE}=${own}; ${SECURE}=${own}`, twice],
    ['with another before it', (own) => `${SECURE}=x; ${SECURE}=${own}`, twice],
    ['with another behind it', (own) => `${SECURE}=${own}; ${SECURE}=`, twice],
    ['as garbage', () => `${SECURE}=garbage`, strange],
    ['as nothing', () => `${SECURE}=`, strange],
    ['cut', (own) => `${SECURE}=${own.slice(0, -4)}`, strange],
    ['changed', (own) => `${SECURE}=${own.slice(0, -4)}AAAA`, strange],
    ['encoded badly', () => `${SECURE}=%E0%A4%A`, strange],
    ['too long', (own) => `${SECURE}=${own.repeat(20)}`, strange],
    ['of the prototype', () => `__proto__=x; ${SECURE}=constructor`, strange],
  ])('that comes %s is refused', async (_, cookie, details) => {
    expect(codeOf(await refreshWith(cookie))).toEqual([401, 'UNAUTHENTICATED', details]);
  });

  it.each<[string, (own: string) => string]>([
    ['among others', (own) => `a=b; ${SECURE}=${own}; theme=dark; ; =x; flag`],
    ['at the end', (own) => `${SECURE}=${own};`],
  ])('is found %s', async (_, cookie) => {
    expectStatus(await refreshWith(cookie), 200);
  });

  it.each([
    ['its name without the prefix', (own: string) => `coucou_refresh=${own}`],
    ['its name in other letters', (own: string) => `${SECURE.toUpperCase()}=${own}`],
  ])('is not looked for under %s', async (_, cookie) => {
    expect((await refreshWith(cookie)).status).toBe(401);
  });

  it('that makes the headers too large is answered, not dropped', async () => {
    expect((await httpClient(app.url).call('GET', CSRF, undefined, { cookie: `${SECURE}=${'x'.repeat(20_000)}` })).status).toBe(431);
  });

  it('is one per account on the same origin', async () => {
    const { clientKey, id } = await makeAccount(container);
    const { browser, csrf, key, person } = await signedIn();
    const there = await signUp(app.url, 'carol', { clientKey });
    const theirKey = { 'x-client-key': clientKey };
    const theirs = expectStatus(
      await browser.call('POST', LOGIN, { identifier: there.username, password: there.password, mode: 'cookie' }, theirKey),
      200,
    );
    expect([...browser.jar.keys()].toSorted()).toEqual([SECURE, `${SECURE}-${id}`]);

    expect((await browser.call('POST', REFRESH, undefined, { ...csrf, ...key })).body).toMatchObject({ user: { id: person.id } });
    expect((await browser.call('POST', REFRESH, undefined, csrf)).body).toMatchObject({ user: { id: person.id } });
    const renewed = await browser.call('POST', REFRESH, undefined, { 'x-csrf-token': theirs.csrfToken, ...theirKey });
    expect(renewed.body).toMatchObject({ user: { id: there.id } });
    // The token of one session does not stand for the other.
    expect((await browser.call('POST', REFRESH, undefined, { ...csrf, ...theirKey })).body.code).toBe('CSRF_FAILED');

    const authorization = `Bearer ${renewed.body.accessToken}`;
    expect((await browser.call('POST', '/api/v1/auth/logout', {}, { authorization })).status).toBe(204);
    expect([...browser.jar.keys()]).toEqual([SECURE]);
  });

  it('of another account than it is named after is refused', async () => {
    const { clientKey, id } = await makeAccount(container);
    const { browser, csrf } = await signedIn();
    const own = cookieOf(browser);
    const moved = await httpClient(app.url).call('POST', REFRESH, undefined, {
      ...csrf,
      'x-client-key': clientKey,
      cookie: `${SECURE}-${id}=${own}`,
    });
    expect(codeOf(moved)).toEqual([403, 'FORBIDDEN', { cookie: `${SECURE}-${id}`, reason: 'account' }]);
    const unnamed = await httpClient(app.url).call('POST', REFRESH, undefined, {
      ...csrf,
      'x-client-key': clientKey,
      cookie: `${SECURE}=${own}`,
    });
    expect(unnamed.status).toBe(401);
    expectStatus(await browser.call('POST', REFRESH, undefined, csrf), 200);
  });

  it('of a session that never was is refused', async () => {
    const account = (await makeAccount(container)).id;
    const { token } = container
      .resolve(RefreshTokens)
      .issue({ account, sessionId: asId('01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f'), rotation: 0 });
    const headers = { 'x-client-key': account, cookie: `${SECURE}-${account}=${token}` };
    const { token: csrf } = expectStatus(await httpClient(app.url).call('GET', CSRF, undefined, headers), 200);
    const answer = await httpClient(app.url).call('POST', REFRESH, undefined, { ...headers, 'x-csrf-token': csrf });
    expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('a page of another origin', () => {
  it('may send the cookie where it is on the list, and is told so by name', async () => {
    const { browser, csrf } = await signedIn();
    const { headers } = await browser.call('POST', REFRESH, undefined, { ...csrf, origin: APP });
    expect(headers.get('access-control-allow-origin')).toBe(APP);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect((await browser.call('GET', CSRF, undefined, { origin: APP, 'sec-fetch-site': 'same-site' })).status).toBe(200);
  });

  it('may ask for the header of the token', async () => {
    const preflight = await httpClient(app.url).call('OPTIONS', REFRESH, undefined, {
      origin: APP,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-csrf-token',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-csrf-token');
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
  });

  it.each([{}, { origin: 'https://evil.example' }, { origin: 'null' }])('is allowed nothing otherwise: %j', async (headers) => {
    const answer = await httpClient(app.url).call('GET', '/api/v1/auth/me', undefined, headers);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
