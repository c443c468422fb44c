import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { httpClient } from '../support/clients.ts';
import { coreCatalogue } from '../support/coucou.ts';
import { startOnEither } from '../support/either-engine.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { APP, browserAt, codeOf, cookieOf, CSRF, hostCookie, LOGIN, PUBLIC_URL, REFRESH, SECURE, signedInAt } from './browser.ts';

let app: ListeningApp;
beforeAll(async () => {
  // As behind a proxy that ends TLS.
  app = await startOnEither({ env: { PUBLIC_URL, CORS_ORIGINS: APP } });
});
afterAll(() => app?.close());

const signedIn = (at = app, clientKey = 'default') => signedInAt(at.url, clientKey);

describe('a session in cookie mode', () => {
  it.each([
    ['login', LOGIN],
    ['sign-up', '/api/v1/auth/signup'],
  ])('has its refresh token in a cookie alone, by %s', async (way, path) => {
    const person = await signUp(app.url);
    const name = `${person.username}-2`.slice(-30);
    const input =
      way === 'login'
        ? { identifier: person.username, password: person.password }
        : { username: name, email: `${name}@example.com`, password: person.password };
    const browser = browserAt(app.url);
    const { headers, body } = await browser.call('POST', path, { ...input, mode: 'cookie' });
    expect(Object.keys(body)).not.toContain('refreshToken');
    expect(body).toMatchObject({
      accessToken: expect.any(String),
      csrfToken: expect.any(String),
      refreshTokenExpiresAt: expect.any(String),
    });
    expect(headers.getSetCookie()).toHaveLength(1);
    expect([...browser.jar.values()]).toEqual([{ ...hostCookie, name: SECURE, value: expect.any(String), maxAge: expect.any(Number) }]);
    expect(browser.jar.get(SECURE)?.maxAge).toBeGreaterThan(604_800 - 60);
    expect(JSON.stringify(body)).not.toContain(cookieOf(browser));
  });

  it('is not what somebody gets who does not ask for it', async () => {
    const { person } = await signedIn();
    const answer = await httpClient(app.url).call('POST', LOGIN, { identifier: person.username, password: person.password });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.body).toMatchObject({ refreshToken: expect.any(String) });
    expect(Object.keys(answer.body)).not.toContain('csrfToken');
  });

  it.each(['body', 'Cookie', '', true])('knows no other mode: %j', async (mode) => {
    const { person } = await signedIn();
    const answer = await httpClient(app.url).call('POST', LOGIN, { identifier: person.username, password: person.password, mode });
    expect([answer.status, answer.body.code, answer.headers.getSetCookie()]).toEqual([400, 'VALIDATION_FAILED', []]);
  });

  it('is refreshed by the cookie, whose successor is a cookie again', async () => {
    const { browser, session, csrf } = await signedIn();
    const before = cookieOf(browser);
    const { headers, body } = await browser.call('POST', REFRESH, undefined, csrf);
    expect(body).toMatchObject({ refresh: 'rotated', session: { id: session.session.id }, csrfToken: expect.any(String) });
    expect(Object.keys(body)).not.toContain('refreshToken');
    expect(headers.getSetCookie()).toHaveLength(1);
    expect(cookieOf(browser)).not.toBe(before);
    // The token of the sign-in and that of the refresh are good for the session, not for one of its tokens.
    expectStatus(await browser.call('POST', REFRESH, {}, csrf), 200);
    expectStatus(await browser.call('POST', REFRESH, {}, { 'x-csrf-token': body.csrfToken }), 200);
  });

  it('survives a page that is loaded again', async () => {
    const { browser } = await signedIn();
    const { token } = expectStatus(await browser.call('GET', CSRF), 200);
    expectStatus(await browser.call('POST', REFRESH, undefined, { 'x-csrf-token': token }), 200);
  });

  it('is one for all tabs, which get the same cookie when they refresh at once', async () => {
    const { browser, csrf } = await signedIn();
    const cookie = `${SECURE}=${cookieOf(browser)}`;
    const tabs = await Promise.all(Array.from({ length: 8 }, () => browser.call('POST', REFRESH, undefined, { ...csrf, cookie })));
    expect(tabs.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(tabs.filter(({ body }) => body.refresh === 'rotated')).toHaveLength(1);
    expect(new Set(tabs.map(({ headers }) => headers.getSetCookie()[0]?.split(';')[0])).size).toBe(1);
    expectStatus(await browser.call('POST', REFRESH, undefined, csrf), 200);
  });

  it('ends with logout, and so does its cookie', async () => {
    const { browser, session, csrf } = await signedIn();
    const cookie = `${SECURE}=${cookieOf(browser)}`;
    const { headers } = await browser.call('POST', '/api/v1/auth/logout', {}, { authorization: `Bearer ${session.accessToken}` });
    expect(headers.getSetCookie()).toEqual([`${SECURE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`]);
    expect(browser.jar.size).toBe(0);
    const again = await browser.call('POST', REFRESH, undefined, { ...csrf, cookie });
    expect([again.status, again.body.code]).toEqual([401, 'SESSION_REVOKED']);
  });

  it.each(['logout', 'logout-all'])('keeps the cookie of a session into which somebody signed in since, at %s', async (path) => {
    const { browser } = await signedIn();
    const before = cookieOf(browser);
    const other = await signUp(app.url, 'bob');
    const { headers } = await browser.call('POST', `/api/v1/auth/${path}`, {}, { authorization: `Bearer ${other.accessToken}` });
    expect(headers.getSetCookie()).toEqual([]);
    expect(cookieOf(browser)).toBe(before);
  });

  it('prefers the token of the body, and leaves the cookie alone then', async () => {
    const { person, browser } = await signedIn();
    const answer = await browser.call('POST', REFRESH, { refreshToken: person.refreshToken });
    expect(answer.body).toMatchObject({ session: { id: person.session.id }, refreshToken: expect.any(String) });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('is refused, and keeps its cookie, when there is neither cookie nor token', async () => {
    expect(codeOf(await browserAt(app.url).call('POST', REFRESH, {}))).toEqual([
      401,
      'UNAUTHENTICATED',
      { reason: 'there is no refresh token in the body, and none in a cookie' },
    ]);
    expect((await browserAt(app.url).call('GET', CSRF)).status).toBe(401);
  });

  it('is not opened by a cookie where a bearer token is needed', async () => {
    const { browser, csrf } = await signedIn();
    for (const [method, path] of [
      ['GET', '/api/v1/auth/me'],
      ['POST', '/api/v1/auth/logout'],
      ['POST', '/api/v1/auth/logout-all'],
    ] as const)
      expect((await browser.call(method, path, undefined, csrf)).status).toBe(401);
    expect(browser.jar.size).toBe(1);
  });

  it('has no name that needs TLS where there is none', async () => {
    const plain = await startTestApp();
    const { browser, csrf } = await signedIn(plain);
    expect([...browser.jar.values()]).toEqual([
      { name: 'coucou_refresh', value: expect.any(String), maxAge: expect.any(Number), path: '/', httpOnly: true, sameSite: 'strict' },
    ]);
    expectStatus(await browser.call('POST', REFRESH, undefined, csrf), 200);
    await plain.close();
  });

  it('always has it in production', async () => {
    const production = await startTestApp({ env: { NODE_ENV: 'production', EMBEDDED: '1' } });
    const person = await signUp(production.url);
    const { headers } = await httpClient(production.url).call('POST', LOGIN, {
      identifier: person.username,
      password: person.password,
      mode: 'cookie',
    });
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-coucou_refresh=.*; Secure;/)]);
    await production.close();
  });
});

describe('every operation that answers a session', () => {
  const names = (schema: z.ZodType | undefined, field: string): boolean =>
    schema !== undefined && JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).includes(`"${field}":{`);
  // What a server of the account asks for goes to that server, which keeps no cookies.
  const opening = coreCatalogue.operations.filter(({ access, output }) => access !== 'admin' && names(output, 'refreshToken'));

  it('is known', () =>
    expect(opening.map(({ name }) => name)).toEqual(expect.arrayContaining(['auth.signup', 'auth.login', 'auth.refresh'])));

  it.each(opening.map((operation) => [operation.name, operation] as const))('sets a cookie when it is asked to: %s', (_, operation) => {
    expect(operation.answersToken).toBe(true);
    expect(operation.refreshCookie === 'takes' || names(operation.input, 'mode')).toBe(true);
  });
});
