import { randomUUID } from 'node:crypto';
import { SecurityEvents } from '@coucou/application/auth/repositories';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSettings, makeAccount } from '../support/accounts.ts';
import { ConnectRefused, dataOf, type HttpAnswer, httpClient, plainClient, type SocketClient, socketIoClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { type Device, newDevice, type ProofChange } from './device.ts';

const PUBLIC_URL = 'https://chat.example.com/team';
const ME = '/api/v1/auth/me';
const LOGIN = '/api/v1/auth/login';
const REFRESH = '/api/v1/auth/refresh';

type Node = ListeningApp & Readonly<{ container: Container }>;
let database: Awaited<ReturnType<typeof createDatabase>>;
let here: Node;
let there: Node;
let account: Readonly<{ id: AccountId; clientKey: string }>;

async function startNode(name: string): Promise<Node> {
  let container: Container | undefined;
  const app = await startTestApp({
    database,
    env: { PUBLIC_URL, MULTI_NODE: 'preview', INSTANCE_ID: name },
    overrides: { overrides: [(ports) => void (container = ports)] },
  });
  return Object.assign(app, { container: container as unknown as Container });
}

beforeAll(async () => {
  database = await createDatabase();
  here = await startNode('here');
  there = await startNode('there');
  account = await makeAccount(here.container, { boundSessions: true });
});
afterAll(async () => {
  await here?.close();
  await there?.close();
  await database?.drop();
});

const named = () => ({ 'x-client-key': account.clientKey });

/** Somebody who signed up with a device. */
async function someone(alg: 'ES256' | 'EdDSA' = 'ES256') {
  const device = await newDevice(alg);
  const username = `alice-${randomUUID().slice(0, 8)}`;
  const password = `a long password of ${username}`;
  const signup = {
    method: 'POST',
    path: '/api/v1/auth/signup',
    body: { username, email: `${username}@example.com`, password },
    headers: named(),
  };
  const session = expectStatus(await device.call(here.url, signup, PUBLIC_URL), 201);
  return { device, session, token: session.accessToken as string, refreshToken: session.refreshToken as string, username, password };
}

const getMe = (device: Device, token: string, at: ListeningApp = here) =>
  device.call(at.url, { method: 'GET', path: ME, token }, PUBLIC_URL);
const renew = (device: Device, refreshToken: string, at: ListeningApp = here) =>
  device.call(at.url, { method: 'POST', path: REFRESH, body: { refreshToken }, headers: named() }, PUBLIC_URL);
const codeOf = ({ status, body, headers }: HttpAnswer) => [status, body?.code, headers.get('www-authenticate')];

async function eventsOf(userId: string): Promise<unknown[]> {
  const uow = withRepositories(here.container.resolve(Transactions), { securityEvents: SecurityEvents });
  const events = await uow.read(account.id, ({ securityEvents }) => securityEvents.list(asId(userId), 100));
  return events.filter(({ kind }) => kind === 'dpop_refused').map(({ details }) => details);
}

describe('a bound session', () => {
  it.each(['ES256', 'EdDSA'] as const)('opens, calls and renews with proofs of its device (%s)', async (alg) => {
    const { device, session, token, refreshToken } = await someone(alg);
    expect(session.tokenType).toBe('DPoP');
    expect(decodeJwt(token)).toMatchObject({ cnf: { jkt: device.thumbprint } });
    expect((await getMe(device, token)).body).toMatchObject({ user: { id: session.user.id } });
    const renewed = expectStatus(await renew(device, refreshToken), 200);
    expect(renewed).toMatchObject({ refresh: 'rotated', tokenType: 'DPoP' });
    expect(decodeJwt(renewed.accessToken)).toMatchObject({ cnf: { jkt: device.thumbprint } });
    expect((await getMe(device, renewed.accessToken, there)).status).toBe(200);
    // The answer was lost.
    expect(expectStatus(await renew(device, refreshToken, there), 200)).toMatchObject({
      refresh: 'recovered',
      refreshToken: renewed.refreshToken,
    });
  });

  it('costs a call for the first nonce and none for the next, on any node', async () => {
    const { device, token } = await someone();
    const nonce = device.nonces.newest;
    device.nonces.newest = undefined;
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    const first = await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect(codeOf(first)).toEqual([401, 'DPOP_NONCE_REQUIRED', 'DPoP error="use_dpop_nonce", algs="ES256 EdDSA"']);
    expect(first.body.details.nonce).toBe(first.headers.get('dpop-nonce'));
    device.nonces.newest = nonce;
    const next = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    expect((await httpClient(there.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop: next })).status).toBe(200);
  });

  it.each(['/api/v1/auth/signup', LOGIN])('is not opened without a proof by %s, and nothing is left of the attempt', async (path) => {
    const { username, password, device } = await someone();
    const other = `${username}x`;
    const body = path === LOGIN ? { identifier: username, password } : { username: other, email: `${other}@example.com`, password };
    const refused = await httpClient(here.url).call('POST', path, body, named());
    expect(codeOf(refused)).toEqual([401, 'DPOP_PROOF_REQUIRED', 'DPoP error="invalid_token", algs="ES256 EdDSA"']);
    device.nonces.newest = refused.headers.get('dpop-nonce') ?? undefined;
    const dpop = await device.proof({ method: 'POST', url: `${PUBLIC_URL}${path}` });
    expect((await httpClient(here.url).call('POST', path, body, { ...named(), dpop })).status).toBeLessThan(300);
  });

  it('works in cookie mode as well', async () => {
    const { username, password, device } = await someone();
    const signIn = { method: 'POST', path: LOGIN, body: { identifier: username, password, mode: 'cookie' }, headers: named() };
    const opened = await device.call(here.url, signIn, PUBLIC_URL);
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const headers = { ...named(), cookie, 'x-csrf-token': opened.body.csrfToken };
    expect(codeOf(await httpClient(here.url).call('POST', REFRESH, undefined, headers)).slice(0, 2)).toEqual([401, 'DPOP_PROOF_REQUIRED']);
    const renewed = await device.call(here.url, { method: 'POST', path: REFRESH, headers }, PUBLIC_URL);
    expect([renewed.status, renewed.headers.getSetCookie().length]).toEqual([200, 1]);
  });

  it('is what an open session becomes at its next refresh when the account begins to bind', async () => {
    const later = await makeAccount(here.container);
    const person = await signUp(here.url, 'bob', { clientKey: later.clientKey });
    await changeSettings(here.container, later.id, { boundSessions: true });
    expect((await person.http.call('GET', ME)).status).toBe(200);
    const headers = { 'x-client-key': later.clientKey };
    const body = { refreshToken: person.refreshToken };
    expect((await httpClient(here.url).call('POST', REFRESH, body, headers)).body.code).toBe('DPOP_PROOF_REQUIRED');
    const device = await newDevice();
    const renewed = expectStatus(await device.call(here.url, { method: 'POST', path: REFRESH, body, headers }, PUBLIC_URL), 200);
    expect(renewed.tokenType).toBe('DPoP');
    const thief = await newDevice();
    const stolen = await thief.call(
      there.url,
      { method: 'POST', path: REFRESH, body: { refreshToken: renewed.refreshToken }, headers },
      PUBLIC_URL,
    );
    expect(stolen.body.code).toBe('DPOP_KEY_MISMATCH');
    // What is bound stays so, whatever the account decides later.
    await changeSettings(here.container, later.id, { boundSessions: false });
    expect((await httpClient(here.url).call('POST', REFRESH, { refreshToken: renewed.refreshToken }, headers)).body.code).toBe(
      'DPOP_PROOF_REQUIRED',
    );
    const again = { method: 'POST', path: REFRESH, body: { refreshToken: renewed.refreshToken }, headers };
    expect((await device.call(here.url, again, PUBLIC_URL)).body.tokenType).toBe('DPoP');
  });
});

describe('an account that does not bind its sessions', () => {
  it('answers bearer tokens, with or without a proof', async () => {
    const person = await signUp(here.url);
    const device = await newDevice();
    const body = { identifier: person.username, password: person.password };
    const session = expectStatus(await device.call(here.url, { method: 'POST', path: LOGIN, body }, PUBLIC_URL), 200);
    expect(session.tokenType).toBe('Bearer');
    expect(decodeJwt(session.accessToken)).not.toHaveProperty('cnf');
    expect((await httpClient(here.url, { token: session.accessToken }).call('GET', ME)).status).toBe(200);
    expect(codeOf(await getMe(device, session.accessToken))).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
    expect((await httpClient(here.url, { token: session.accessToken }).call('GET', ME, undefined, { dpop: 'x' })).status).toBe(200);
  });
});

/** Changes of one thing in a proof that is right otherwise, and what is answered. */
type Wrong = readonly [what: string, change: (device: Device) => ProofChange | Promise<ProofChange>, code: string, reason?: string];

const SIGNATURE = 'it is no dpop+jwt that the key in its header signed with ES256 or EdDSA';
const secret = new TextEncoder().encode('a secret that is shared: 32 bytes or more');
const wrong: readonly Wrong[] = [
  ['another type', () => ({ header: { typ: 'JWT' } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['no type', () => ({ header: { typ: undefined } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['no key', () => ({ header: { jwk: undefined } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a key that is none', () => ({ header: { jwk: 'key' } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a key off its curve', ({ jwk }) => ({ header: { jwk: { ...jwk, x: jwk.y } } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a key that did not sign', async () => ({ header: { jwk: (await newDevice()).jwk } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a private key', ({ jwk }) => ({ header: { jwk: { ...jwk, d: jwk.x } } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  [
    'a shared secret',
    () => ({ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }, signWith: secret }),
    'DPOP_PROOF_INVALID',
    SIGNATURE,
  ],
  ['no id', () => ({ payload: { jti: undefined } }), 'DPOP_PROOF_INVALID', 'jti'],
  ['an empty id', () => ({ payload: { jti: '' } }), 'DPOP_PROOF_INVALID', 'jti'],
  ['an id without end', () => ({ payload: { jti: 'x'.repeat(300) } }), 'DPOP_PROOF_INVALID', 'jti'],
  ['no time', () => ({ payload: { iat: undefined } }), 'DPOP_PROOF_INVALID', 'iat'],
  ['another method', () => ({ payload: { htm: 'DELETE' } }), 'DPOP_PROOF_INVALID', 'htm'],
  ['the method in small letters', () => ({ payload: { htm: 'get' } }), 'DPOP_PROOF_INVALID', 'htm'],
  ['no method', () => ({ payload: { htm: undefined } }), 'DPOP_PROOF_INVALID', 'htm'],
  ['no address', () => ({ payload: { htu: undefined } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another host', () => ({ payload: { htu: 'https://evil.example/team/api/v1/auth/me' } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another scheme', () => ({ payload: { htu: `${PUBLIC_URL.replace('https', 'http')}${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another port', () => ({ payload: { htu: `https://chat.example.com:8443/team${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another path', () => ({ payload: { htu: `${PUBLIC_URL}/api/v1/auth/sessions` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['the address behind the proxy', () => ({ payload: { htu: `${here.url}${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['an address with a password', () => ({ payload: { htu: `https://a:b@chat.example.com/team${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['no nonce', () => ({ payload: { nonce: undefined } }), 'DPOP_NONCE_REQUIRED'],
  ['a nonce of its own', () => ({ payload: { nonce: 'x'.repeat(60) } }), 'DPOP_NONCE_REQUIRED'],
  ['a nonce that is none', () => ({ payload: { nonce: 5 } }), 'DPOP_NONCE_REQUIRED'],
];

const titled = (rows: readonly Wrong[]) => rows.map((row) => [row[0], row] as const);

/** The same for all: what a bound token is refused without. */
const wrongWithToken: readonly Wrong[] = [
  ...wrong,
  ['no hash of the token', () => ({ payload: { ath: undefined } }), 'DPOP_PROOF_INVALID', 'ath'],
  ['the hash of another token', () => ({ payload: { ath: 'x'.repeat(43) } }), 'DPOP_PROOF_INVALID', 'ath'],
  ['the token instead of its hash', () => ({ payload: { ath: 5 } }), 'DPOP_PROOF_INVALID', 'ath'],
];

/** A proof that is right but for the change, made against the address of the table where that says one. */
async function changed(device: Device, target: { method: string; url: string; token?: string }, [, change]: Wrong): Promise<string> {
  const { payload = {}, ...rest } = await change(device);
  const { htm, htu } = payload;
  const swapped = { ...payload, ...(htm === 'get' && { htm: target.method.toLowerCase() }) };
  const path = new URL(target.url).pathname.replace('/team', '');
  return device.proof(target, { ...rest, payload: { ...swapped, ...(typeof htu === 'string' && { htu: htu.replace(ME, path) }) } });
}

describe('a proof', () => {
  it.each(titled(wrongWithToken))('with %s is refused at a call', async (_, row) => {
    const { device, token, session } = await someone();
    const dpop = await changed(device, { method: 'GET', url: `${PUBLIC_URL}${ME}`, token }, row);
    const answer = await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([401, row[2], row[3]]);
    expect(await eventsOf(session.user.id)).toEqual(row[2] === 'DPOP_NONCE_REQUIRED' ? [] : [{ code: row[2], token: 'access' }]);
    expect((await getMe(device, token)).status).toBe(200);
  });

  it.each(titled(wrong))('with %s is refused at a refresh, which it does not spend', async (_, row) => {
    const { device, refreshToken } = await someone();
    const dpop = await changed(device, { method: 'POST', url: `${PUBLIC_URL}${REFRESH}` }, row);
    const answer = await httpClient(here.url).call('POST', REFRESH, { refreshToken }, { ...named(), dpop });
    expect([answer.status, answer.body.code, answer.body.details.reason]).toEqual([401, row[2], row[3]]);
    expect((await renew(device, refreshToken)).body.refresh).toBe('rotated');
  });

  it.each([
    ['none', ''],
    ['no token at all', 'garbage'],
    ['without a signature', `${Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url')}.e30.`],
    ['without end', 'x'.repeat(5_000)],
  ])('that is %s is refused', async (_, dpop) => {
    const { token } = await someone();
    const answer = await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect([answer.status, answer.body.code]).toEqual([401, 'DPOP_PROOF_INVALID']);
  });

  it('that comes twice in one call is refused', async () => {
    const { device, token } = await someone();
    const target = { method: 'GET', url: `${PUBLIC_URL}${ME}`, token };
    const dpop = `${await device.proof(target)}, ${await device.proof(target)}`;
    expect((await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop })).body.code).toBe(
      'DPOP_PROOF_INVALID',
    );
  });

  it.each([
    ['in capitals', (url: string) => url.replace('https://chat.example.com', 'HTTPS://CHAT.EXAMPLE.COM')],
    ['with the port of its scheme', (url: string) => url.replace('.com', '.com:443')],
    ['with a query', (url: string) => `${url}?limit=5#part`],
  ])('may write its address %s', async (_, write) => {
    const { device, token } = await someone();
    const dpop = await device.proof({ method: 'GET', url: write(`${PUBLIC_URL}${ME}`), token });
    expect((await httpClient(here.url).call('GET', `${ME}?`, undefined, { authorization: `DPoP ${token}`, dpop })).status).toBe(200);
  });

  it.each([-86_400, -3_600, 3_600, 86_400])(
    'of a device whose clock is %i s wrong is taken: the nonce says how old it is',
    async (skew) => {
      const { device, token } = await someone();
      const iat = Math.floor(Date.now() / 1_000) + skew;
      const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token }, { payload: { iat } });
      expect((await httpClient(here.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop })).status).toBe(200);
    },
  );

  it.each([
    ['the same node', () => here],
    ['the other node', () => there],
  ])('is good for one call, also at %s', async (_, node) => {
    const { device, token, session } = await someone();
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    const send = (at: ListeningApp) => httpClient(at.url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop });
    expect((await send(here)).status).toBe(200);
    expect(codeOf(await send(node()))).toEqual([401, 'DPOP_PROOF_REUSED', 'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA"']);
    expect(await eventsOf(session.user.id)).toEqual([{ code: 'DPOP_PROOF_REUSED', token: 'access' }]);
  });

  it('is good for one of fifty calls at once on two nodes', async () => {
    const { device, token } = await someone();
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        httpClient((i % 2 === 0 ? here : there).url).call('GET', ME, undefined, { authorization: `DPoP ${token}`, dpop }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(new Set(['DPOP_PROOF_REUSED']));
  });

  it('renews once of fifty at once on two nodes, and opens one session', async () => {
    const { device, refreshToken, username, password } = await someone();
    const many = async (path: string, body: object) => {
      const dpop = await device.proof({ method: 'POST', url: `${PUBLIC_URL}${path}` });
      const at = (i: number) => httpClient((i % 2 === 0 ? here : there).url);
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => at(i).call('POST', path, body, { ...named(), dpop })));
      return answers.map(({ status, body: answer }) => (status === 200 ? 'done' : answer.code));
    };
    const refreshes = await many(REFRESH, { refreshToken });
    expect(refreshes.filter((code) => code === 'done')).toHaveLength(1);
    expect(new Set(refreshes)).toEqual(new Set(['done', 'DPOP_PROOF_REUSED']));
    const logins = await many(LOGIN, { identifier: username, password });
    expect(logins.filter((code) => code === 'done')).toHaveLength(1);
  });
});

describe('what a thief has of a bound session', () => {
  it.each(['Bearer', 'bearer'])('is no use under the scheme %s', async (scheme) => {
    const { token, session, device } = await someone();
    const dpop = await device.proof({ method: 'GET', url: `${PUBLIC_URL}${ME}`, token });
    for (const headers of [{}, { dpop }])
      expect(codeOf(await httpClient(there.url).call('GET', ME, undefined, { authorization: `${scheme} ${token}`, ...headers }))).toEqual([
        401,
        'DPOP_PROOF_REQUIRED',
        'DPoP error="invalid_token", algs="ES256 EdDSA"',
      ]);
    // Recorded once, however often it is tried.
    expect(await eventsOf(session.user.id)).toEqual([{ code: 'DPOP_PROOF_REQUIRED', token: 'access' }]);
  });

  it('is no use with a key of their own, which tells nobody anything and ends nothing', async () => {
    const { device, token, refreshToken, session } = await someone();
    const thief = await newDevice();
    expect(codeOf(await getMe(thief, token)).slice(0, 2)).toEqual([401, 'DPOP_KEY_MISMATCH']);
    expect(codeOf(await renew(thief, refreshToken)).slice(0, 2)).toEqual([401, 'DPOP_KEY_MISMATCH']);
    expect(await eventsOf(session.user.id)).toEqual([
      { code: 'DPOP_KEY_MISMATCH', token: 'refresh' },
      { code: 'DPOP_KEY_MISMATCH', token: 'access' },
    ]);
    expectStatus(await renew(device, refreshToken), 200);
    expectStatus(await getMe(device, token), 200);
  });

  it('is no use when it is spent already: without the key it is not even a replay', async () => {
    const { device, refreshToken } = await someone();
    const renewed = expectStatus(await renew(device, refreshToken), 200);
    const again = expectStatus(await renew(device, renewed.refreshToken), 200);
    expect((await renew(await newDevice(), refreshToken)).body.code).toBe('DPOP_KEY_MISMATCH');
    expectStatus(await renew(device, again.refreshToken), 200);
  });

  it.each(['socket.io', 'websocket'] as const)('opens no %s', async (transport) => {
    const { token } = await someone();
    const thief = await newDevice();
    thief.nonces.newest = (await getMe(thief, token)).headers.get('dpop-nonce') ?? undefined;
    const url = `${PUBLIC_URL}${transport === 'websocket' ? '/ws' : '/socket.io'}`;
    const dpop = await thief.proof({ method: 'GET', url, token });
    for (const [auth, code] of [[{}, 'DPOP_PROOF_REQUIRED'] as const, [{ dpop }, 'DPOP_KEY_MISMATCH'] as const]) {
      const open = transport === 'websocket' ? plainClient : socketIoClient;
      const refused = await open(there.url, { token, auth })
        .connect()
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ConnectRefused);
      expect((refused as ConnectRefused).error.code).toBe(code);
    }
  });
});

describe.each(['socket.io', 'websocket'] as const)('the handshake of a bound session by %s', (transport) => {
  const own = transport === 'websocket' ? '/ws' : '/socket.io';
  const clientOf = transport === 'websocket' ? plainClient : socketIoClient;
  const other = transport === 'websocket' ? '/socket.io' : '/ws';
  const target = (token: string, path = own) => ({ method: 'GET', url: `${PUBLIC_URL}${path}`, token });
  const client = (at: ListeningApp, token: string, dpop?: unknown): SocketClient =>
    clientOf(at.url, { token, auth: { ...(dpop !== undefined && { dpop }) } });
  const refusalOf = async (at: ListeningApp, token: string, dpop?: unknown) => {
    const refused = await client(at, token, dpop)
      .connect()
      .catch((error: unknown) => error);
    if (!(refused instanceof ConnectRefused)) throw new Error('it was not refused', { cause: refused });
    return refused.error;
  };

  it('takes one proof, and asks for none at its calls', async () => {
    const { device, token, session } = await someone();
    const dpop = await device.proof(target(token));
    const socket = client(here, token, dpop);
    await socket.connect();
    expect(dataOf(await socket.call('auth.me', {}))).toMatchObject({ user: { id: session.user.id } });
    expect((await refusalOf(there, token, dpop)).code).toBe('DPOP_PROOF_REUSED');
    await socket.close();
  });

  it('hands out a nonce', async () => {
    const { device, token } = await someone();
    const nonce = device.nonces.newest;
    device.nonces.newest = undefined;
    const { code, details } = await refusalOf(here, token, await device.proof(target(token)));
    expect(code).toBe('DPOP_NONCE_REQUIRED');
    device.nonces.newest = (details as { nonce: string }).nonce;
    expect(device.nonces.newest).not.toBe(nonce);
    const socket = client(here, token, await device.proof(target(token)));
    await socket.connect();
    await socket.close();
  });

  it.each(
    titled([
      ...wrongWithToken,
      ['the address of the other transport', () => ({ payload: { htu: `${PUBLIC_URL}${other}` } }), 'DPOP_PROOF_INVALID', 'htu'],
    ]),
  )('is refused with %s', async (_, row) => {
    const { device, token } = await someone();
    const { code, details } = await refusalOf(here, token, await changed(device, target(token), row));
    expect([code, (details as { reason?: string }).reason]).toEqual([row[2], row[3]]);
  });

  it.each([5, {}, ['x']])('is refused with a proof that is no text: %j', async (dpop) => {
    const { token } = await someone();
    expect((await refusalOf(here, token, dpop)).code).toBe('UNAUTHENTICATED');
  });

  it('may be followed by authenticate, which takes a proof of its own', async () => {
    const { device, token, refreshToken } = await someone();
    const socket = clientOf(here.url) as SocketClient;
    await socket.connect();
    expect(await socket.call('authenticate', { token })).toMatchObject({ ok: false, error: { code: 'DPOP_PROOF_REQUIRED' } });
    const dpop = await device.proof(target(token));
    expect(await socket.call('authenticate', { token, dpop })).toMatchObject({ ok: true });
    expect(await socket.call('authenticate', { token, dpop })).toMatchObject({ ok: false, error: { code: 'DPOP_PROOF_REUSED' } });
    const renewed = expectStatus(await renew(device, refreshToken), 200);
    const next = await device.proof(target(renewed.accessToken));
    expect(await socket.call('authenticate', { token: renewed.accessToken, dpop: next })).toMatchObject({ ok: true });
    expect(await socket.call('authenticate', { token, dpop: 5 })).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    await socket.close();
  });
});
