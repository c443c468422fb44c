import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBrowser } from '../support/browser.ts';
import { httpClient } from '../support/clients.ts';
import { coreCatalogue } from '../support/coucou.ts';
import { startOnEither } from '../support/either-engine.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus, signInAgain, signUp } from '../support/people.ts';
import { LOGIN, REFRESH } from './browser.ts';

/** Attacks that no flow of its own has a suite for; docs/security.md has the list of all. */

const RETURN = 'https://app.example.com/signed-in';
let issuer: Issuer;
let app: ListeningApp;
beforeAll(async () => {
  issuer = await startIssuer();
  app = await startOnEither({ env: { ...issuer.environment('ONE'), OUTBOUND_ALLOW: '127.0.0.1', RETURN_TO: RETURN } });
});
afterAll(async () => {
  await app?.close();
  await issuer?.close();
});
const stranger = () => httpClient(app.url);

describe('a revoked session', () => {
  const routes = coreCatalogue.operations.flatMap(({ name, http }) => (http === undefined ? [] : [[name, http] as const]));

  it('is refused by every operation, and is brought back by none that answers tokens', async () => {
    expect(routes.length).toBeGreaterThan(100);
    const alice = await signUp(app.url);
    const laptop = await signInAgain(app.url, alice);
    expectStatus(await alice.http.call('POST', '/api/v1/auth/logout'), 204);
    const answers: [string, string][] = [];
    for (const [name, { method, path }] of routes) {
      const { body } = await alice.http.call(method, `/api/v1${path.replace(/:\w+/g, randomUUID())}`, method === 'GET' ? undefined : {});
      answers.push([name, body?.code]);
    }
    expect(answers.filter(([, code]) => code !== 'SESSION_REVOKED')).toEqual([]);
    expect((await stranger().call('POST', REFRESH, { refreshToken: alice.refreshToken })).body.code).toBe('SESSION_REVOKED');
    const { items } = expectStatus(await laptop.http.call('GET', '/api/v1/auth/sessions'), 200);
    expect(items.map(({ id }: { id: string }) => id)).toEqual([laptop.session.id]);
  });

  it('leaves no good token to a refresh that races with its end', async () => {
    for (let round = 0; round < 10; round += 1) {
      const alice = await signUp(app.url);
      const refresh = (refreshToken = alice.refreshToken) => stranger().call('POST', REFRESH, { refreshToken });
      const [, ...refreshed] = await Promise.all([alice.http.call('POST', '/api/v1/auth/logout-all'), refresh(), refresh(), refresh()]);
      const codes = refreshed.map(async ({ status, body }) => {
        if (status !== 200) return [body.code];
        const me = await httpClient(app.url, { token: body.accessToken }).call('GET', '/api/v1/auth/me');
        return [me.body.code, (await refresh(body.refreshToken)).body.code];
      });
      expect(new Set((await Promise.all(codes)).flat())).toEqual(new Set(['SESSION_REVOKED']));
    }
  });
});

describe('who has an account', () => {
  const password = 'not the right one';

  it('is not told by the time of a login', { retry: 2 }, async () => {
    const alice = await signUp(app.url);
    const times = { known: [] as number[], unknown: [] as number[] };
    const timed = async (of: number[], identifier: string) => {
      const begun = performance.now();
      const { body } = await stranger().call('POST', LOGIN, { identifier, password });
      of.push(performance.now() - begun);
      return { ...body, timestamp: '', requestId: '' };
    };
    for (let round = 0; round < 12; round += 1) {
      const known = await timed(times.known, alice.username);
      expect(await timed(times.unknown, `nobody${round}`)).toEqual(known);
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
    // A hash that is not computed is 100 % of it.
    expect(Math.abs(median(times.known) - median(times.unknown))).toBeLessThan(0.4 * median(times.known));
  });
});

describe('an address that looks like another', () => {
  it.each<[string, (email: string) => string]>([
    ['in capitals', (email) => email.toUpperCase()],
    ['with full-width letters', (email) => email.replace('m', 'ｍ').replace('alice', 'ａlice')],
    ['with spaces around it', (email) => ` ${email}\t`],
  ])('%s is the same, and taken', async (_, written) => {
    const alice = await signUp(app.url);
    const input = { username: `m${randomBytes(5).toString('hex')}`, email: written(alice.email), password: 'correct horse battery' };
    expect((await stranger().call('POST', '/api/v1/auth/signup', input)).body.code).toBe('EMAIL_TAKEN');
    expect((await stranger().call('POST', LOGIN, { email: input.email, password: alice.password })).status).toBe(200);
  });

  it.each<[string, (email: string) => string]>([
    ['with a Cyrillic letter', (email) => email.replace('a', 'а')],
    ['of a domain with a Cyrillic letter', (email) => email.replace('example', 'еxample')],
    ['with a combining accent', (email) => email.replace('e', 'e\u0301')],
    ['with an invisible letter', (email) => email.replace('@', '\u200b@')],
    ['with the writing turned round', (email) => `\u202e${email}`],
  ])('%s is nobody’s: not at a sign-up, and not when an identity provider vouches for it', async (_, written) => {
    const alice = await signUp(app.url);
    const email = written(alice.email);
    const input = { username: `m${randomBytes(5).toString('hex')}`, email, password: 'correct horse battery' };
    expect((await stranger().call('POST', '/api/v1/auth/signup', input)).body.code).toBe('VALIDATION_FAILED');

    issuer.person.now = { sub: randomUUID(), email, email_verified: true };
    const browser = createBrowser();
    const start = `${app.url}/api/v1/auth/oauth/one?return_to=${encodeURIComponent(RETURN)}`;
    const { url } = await browser.open(start, ({ href }) => href.startsWith(RETURN));
    const exchanged = await browser.fetch(`${app.url}/api/v1/auth/oauth/exchange`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: url.searchParams.get('code') }),
    });
    const { user } = (await exchanged.json()) as { user: { id: string; email?: string } };
    expect([user.id === alice.id, user.email]).toEqual([false, undefined]);
  });
});

describe('forged headers', () => {
  let limited: ListeningApp;
  beforeAll(async () => {
    limited = await startOnEither({ env: { LIMIT_LOGIN: '5/900' } });
  });
  afterAll(() => limited?.close());

  it('make no address of their own: guesses are counted for the one that the connection has', async () => {
    const guess = (round: number, headers: Record<string, string>) =>
      httpClient(limited.url).call('POST', LOGIN, { identifier: `nobody${round}`, password: 'a guess' }, headers);
    const codes: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const ip = `203.0.113.${round}`;
      const forged = { 'x-forwarded-for': ip, 'x-real-ip': ip, forwarded: `for=${ip}`, 'cf-connecting-ip': ip, 'true-client-ip': ip };
      codes.push((await guess(round, forged)).body.code);
    }
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'INVALID_CREDENTIALS'), 'RATE_LIMITED']);
    expect((await signUp(limited.url)).session.ip).toBe('127.0.0.1');
  });
});
