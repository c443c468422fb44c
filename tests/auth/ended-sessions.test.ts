import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { httpClient, plainClient, type SocketClient, socketIoClient } from '../support/clients.ts';
import { startOnEither } from '../support/either-engine.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus, openDirect, type Person, signInAgain, signUp } from '../support/people.ts';
import { suspending } from './suspending.ts';

let server: ListeningApp;
beforeAll(async () => {
  server = await startOnEither({ overrides: { features: [suspending] } });
});
afterAll(() => server.close());

const anonymous = () => httpClient(server.url);
const post = (person: Person, path: string, body?: unknown) => person.http.call('POST', `/api/v1${path}`, body);
const refresh = async ({ refreshToken }: Pick<Person, 'refreshToken'>) =>
  anonymous().call('POST', '/api/v1/auth/refresh', { refreshToken });
const suspend = async (username: string, lift: boolean) =>
  expectStatus(await anonymous().call('POST', '/api/v1/test/suspensions', { username, lift }), 204);

/** How the session of a phone ends, and what becomes of the laptop of the same person. */
type Ending = Readonly<{
  by: string;
  end: (phone: Person, laptop: Person) => Promise<unknown>;
  reason?: 'suspended';
  code?: string;
  laptopLives: boolean;
}>;

const endings: readonly Ending[] = [
  { by: 'logging out', end: (phone) => post(phone, '/auth/logout'), laptopLives: true },
  { by: 'logging out everywhere', end: (phone) => post(phone, '/auth/logout-all'), laptopLives: false },
  { by: 'logging out everywhere from another device', end: (_, laptop) => post(laptop, '/auth/logout-all'), laptopLives: false },
  { by: 'revoking it', end: ({ session }, { http }) => http.call('DELETE', `/api/v1/auth/sessions/${session.id}`), laptopLives: true },
  { by: 'revoking the others', end: (_, laptop) => post(laptop, '/auth/sessions/revoke-others'), laptopLives: true },
  {
    by: 'a refresh token older than the spent one',
    async end(phone) {
      const second = expectStatus(await refresh(phone), 200);
      expectStatus(await refresh(second), 200);
      expect(await refresh(phone)).toMatchObject({ status: 401, body: { code: 'REFRESH_TOKEN_REUSED' } });
    },
    laptopLives: true,
  },
  {
    by: 'a suspension',
    end: ({ username }) => suspend(username, false),
    reason: 'suspended',
    code: 'USER_SUSPENDED',
    laptopLives: false,
  },
];

const connect = async (person: Person, transport: SocketClient['transport']): Promise<SocketClient> => {
  const socket = person.socket(transport);
  await socket.connect();
  return socket;
};
const heard = (socket: SocketClient): string[] => socket.events.of('message:new').map(({ message }) => message.content);

describe.each(['socket.io', 'websocket'] as const)('a session with a socket over %s', (transport) => {
  it.each(endings)('ends by $by', async ({ end, reason = 'session_revoked', code = 'SESSION_REVOKED', laptopLives }) => {
    const [alice, bob] = await Promise.all([signUp(server.url), signUp(server.url, 'bob')]);
    const conversation = await openDirect(bob, alice);
    const say = (content: string) => post(bob, `/conversations/${conversation.id}/messages`, { content });
    const [phone, laptop] = [await signInAgain(server.url, alice), await signInAgain(server.url, alice)];
    const [onPhone, onLaptop] = [await connect(phone, transport), await connect(laptop, transport)];
    await say('before');
    await onPhone.events.next('message:new', ({ message }) => message.content === 'before');

    await end(phone, laptop);
    await say('after');
    expect(await phone.http.call('GET', '/api/v1/auth/me')).toMatchObject({ body: { code } });
    expect((await onPhone.closed).reason).toBe(reason);
    expect(heard(onPhone)).toEqual(['before']);
    await expect(phone.socket(transport).connect()).rejects.toMatchObject({ error: { code } });

    const laptopHears = onLaptop.events.next('message:new', ({ message }) => message.content === 'after').then(() => 'after');
    expect(await Promise.race([laptopHears, onLaptop.closed.then(({ reason: why }) => why)])).toBe(laptopLives ? 'after' : reason);
    expect((await laptop.http.call('GET', '/api/v1/auth/me')).body.code).toBe(laptopLives ? undefined : code);
    await onLaptop.close();
  });

  it('lives on when the same socket presents the token of a refresh, and then ends with its session', async () => {
    const alice = await signUp(server.url);
    const socket = await connect(alice, transport);
    const { accessToken } = expectStatus(await refresh(alice), 200);
    expect(await socket.call('authenticate', { token: accessToken })).toMatchObject({ ok: true, data: { userId: alice.id } });
    expect(await socket.call('auth.me')).toMatchObject({ ok: true });
    expect(await socket.call('auth.logout')).toMatchObject({ ok: true });
    expect((await socket.closed).reason).toBe('session_revoked');
  });

  it('belongs to the session that authenticated last', async () => {
    const alice = await signUp(server.url);
    const laptop = await signInAgain(server.url, alice);
    const socket = await connect(alice, transport);
    expect(await socket.call('authenticate', { token: laptop.accessToken })).toMatchObject({ ok: true });
    expectStatus(await post(alice, '/auth/logout'), 204);
    expect(await socket.call('auth.me')).toMatchObject({ ok: true, data: { session: { id: laptop.session.id } } });
    expectStatus(await post(laptop, '/auth/logout'), 204);
    expect((await socket.closed).reason).toBe('session_revoked');
  });

  it('cannot authenticate a socket once it has ended', async () => {
    const alice = await signUp(server.url);
    expectStatus(await post(alice, '/auth/logout'), 204);
    const socket: SocketClient = transport === 'socket.io' ? socketIoClient(server.url) : plainClient(server.url);
    await socket.connect();
    expect(await socket.call('authenticate', { token: alice.accessToken })).toMatchObject({
      ok: false,
      error: { code: 'SESSION_REVOKED' },
    });
    await socket.close();
  });
});

it('lets a suspended person act again with the same token once it is lifted', async () => {
  const alice = await signUp(server.url);
  await suspend(alice.username, false);
  expect(await alice.http.call('GET', '/api/v1/auth/me')).toMatchObject({ status: 403, body: { code: 'USER_SUSPENDED' } });
  await suspend(alice.username, true);
  expectStatus(await alice.http.call('GET', '/api/v1/auth/me'), 200);
});

it.each([
  ['a suspended person', ({ username }: Person) => suspend(username, false), 4403],
  ['a session that has ended', (alice: Person) => post(alice, '/auth/logout'), 4402],
] as const)('refuses the plain WebSocket of %s with a code that says not to come back', async (_, end, code) => {
  const alice = await signUp(server.url);
  await end(alice);
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
  await once(socket, 'open');
  socket.send(JSON.stringify(['connect', { token: alice.accessToken }]));
  const [closed] = (await once(socket, 'close')) as [number];
  expect(closed).toBe(code);
});

it('takes signed URLs of files with it', async () => {
  const alice = await signUp(server.url);
  const form = new FormData();
  form.set('file', new Blob(['words'], { type: 'text/plain' }), 'words.txt');
  const { url } = expectStatus(await post(alice, '/attachments', form), 201);
  const path = new URL(url, server.url).href;
  expect((await fetch(path)).status).toBe(200);
  expectStatus(await post(alice, '/auth/logout'), 204);
  const refused = await fetch(path);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, 'SESSION_REVOKED']);
});

it('is listed with its device, and ends for nobody but its person', async () => {
  const [alice, bob] = await Promise.all([signUp(server.url), signUp(server.url, 'bob')]);
  const agent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
  const { username, password } = alice;
  expectStatus(await anonymous().call('POST', '/api/v1/auth/login', { username, password }, { 'user-agent': agent }), 200);
  const { items } = expectStatus(await alice.http.call('GET', '/api/v1/auth/sessions'), 200);
  expect(items).toMatchObject([
    { current: false, device: 'Apple iPhone', browser: 'Safari 18', os: expect.stringMatching(/^iOS 18/) },
    { current: true, id: alice.session.id },
  ]);
  const [{ id }] = items;
  expect(await bob.http.call('DELETE', `/api/v1/auth/sessions/${id}`)).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } });
  expectStatus(await alice.http.call('DELETE', `/api/v1/auth/sessions/${id}`), 204);
  expect(await alice.http.call('DELETE', `/api/v1/auth/sessions/${id}`)).toMatchObject({ status: 404 });
  expect(expectStatus(await alice.http.call('GET', '/api/v1/auth/sessions'), 200).items).toHaveLength(1);
});
