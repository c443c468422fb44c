import { randomUUID } from 'node:crypto';
import { createConversation } from '@coucou/contracts/conversations/create-conversation';
import { sendMessage } from '@coucou/contracts/messages/send-message';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor } from '../support/callers.ts';
import { dataOf, type SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';

/** Idempotency keys over each transport, and across them. */

let app: AppUnderTest;
let database: Awaited<ReturnType<typeof createDatabase>>;
let people: Record<'alice' | 'bob', Person>;
const sockets: SocketClient[] = [];

beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database });
  people = await signUpAll(app.url, 'alice', 'bob');
});
afterAll(async () => {
  for (const socket of sockets) await socket.close();
  await app?.close();
  await database?.drop();
});

const group = { type: 'group', title: 'Once' };
const create = (key: string, body: object = group) =>
  people.alice.http.call('POST', '/api/v1/conversations', body, { 'idempotency-key': key });

describe.each(['http', 'socket.io', 'websocket'] as const)('over %s', (transport) => {
  it('a call takes effect once, and is answered the same; another under its key is refused', async () => {
    const caller = await callerFor(people.alice, transport, sockets);
    const meta = { idempotencyKey: randomUUID() };
    const first = dataOf(await caller.call(createConversation, group, meta));
    expect(dataOf(await caller.call(createConversation, group, meta))).toEqual(first);
    expect(await caller.call(createConversation, { ...group, title: 'Twice' }, meta)).toMatchObject({
      error: { code: 'IDEMPOTENCY_KEY_CONFLICT' },
    });
  });

  it('a message is sent once', async () => {
    const caller = await callerFor(people.alice, transport, sockets);
    const { id } = await openDirect(people.alice, people.bob);
    const meta = { idempotencyKey: `${transport} ${randomUUID()}` };
    const first = dataOf(await caller.call(sendMessage, { conversationId: id, content: 'once' }, meta));
    expect(dataOf(await caller.call(sendMessage, { conversationId: id, content: 'once' }, meta)).id).toBe(first.id);
    expect(await caller.call(sendMessage, { conversationId: id, content: 'twice' }, meta)).toMatchObject({
      error: { code: 'IDEMPOTENCY_KEY_CONFLICT' },
    });
  });

  it.each([
    ['256 characters', 'k'.repeat(256)],
    ['a control character', 'a\u0085b'],
    ['nothing', ''],
  ])('a key of %s is refused', async (_, idempotencyKey) => {
    const caller = await callerFor(people.alice, transport, sockets);
    expect(await caller.call(createConversation, group, { idempotencyKey })).toMatchObject({ error: { code: 'IDEMPOTENCY_KEY_INVALID' } });
  });
});

it('a key counts over all transports', async () => {
  const key = `né à 東京 ${randomUUID()}`;
  const input = { ...group, title: 'Across' };
  const socket = await callerFor(people.alice, 'websocket', sockets);
  const first = dataOf(await socket.call(createConversation, input, { idempotencyKey: key }));
  const again = await create(Buffer.from(key).toString('latin1'), { title: input.title, type: input.type });
  expect([again.status, again.body.id, again.headers.get('idempotency-replayed')]).toEqual([201, first.id, 'true']);
});

describe('over HTTP', () => {
  it('an answer that is replayed has its status and says so, also to a page of another origin', async () => {
    const key = randomUUID();
    const first = await create(key);
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    const again = await create(key);
    expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([201, 'true', first.body]);
    const page = { origin: 'http://localhost:5173', 'idempotency-key': key };
    const { headers } = await people.alice.http.call('POST', '/api/v1/conversations', group, page);
    expect(headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed');
  });

  it('an empty answer is replayed as one, and a path is part of the request', async () => {
    const [one, two] = [await openGroup(people.alice, [people.bob]), await openGroup(people.alice, [people.bob])];
    const key = { 'idempotency-key': randomUUID() };
    const remove = ({ id }: { id: string }) =>
      people.alice.http.call('DELETE', `/api/v1/conversations/${id}/members/${people.bob.id}`, undefined, key);
    const answers = [await remove(one), await remove(one), await remove(two)];
    expect(answers.map(({ status, headers }) => [status, headers.get('idempotency-replayed')])).toEqual([
      [204, null],
      [204, 'true'],
      [422, null],
    ]);
  });

  it('a resent message is 200, and says so', async () => {
    const { id } = await openDirect(people.alice, people.bob);
    const key = { 'idempotency-key': randomUUID() };
    const send = () => people.alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'hi' }, key);
    const answers = [await send(), await send()];
    expect(answers.map(({ status, headers }) => [status, headers.get('idempotency-replayed')])).toEqual([
      [201, null],
      [200, 'true'],
    ]);
  });
});

describe('over sockets', () => {
  it('an acknowledgement that is replayed says so', async () => {
    const socket = people.alice.plain();
    sockets.push(socket);
    await socket.connect();
    const call = (meta: unknown) => socket.call('conversations.create', group, meta);
    const key = { idempotencyKey: randomUUID() };
    const first = await call(key);
    expect(Object.keys(first)).toEqual(['ok', 'data']);
    expect(await call(key)).toEqual({ ...first, replayed: true });
  });

  it.each([7, true, ['key'], { key: 'key' }])('a key of %j is refused', async (idempotencyKey) => {
    const socket = people.alice.socketIo();
    sockets.push(socket);
    await socket.connect();
    expect(await socket.call('conversations.create', group, { idempotencyKey })).toMatchObject({
      error: { code: 'IDEMPOTENCY_KEY_INVALID' },
    });
  });
});
