import { randomUUID } from 'node:crypto';
import { sendMessage } from '@coucou/contracts/messages/send-message';
import { sync } from '@coucou/contracts/sync/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { callerFor } from '../support/callers.ts';
import { dataOf, type SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';

/** Operations that have both doors, over each of the three transports: one table, one behaviour. */

let app: AppUnderTest;
let database: Awaited<ReturnType<typeof createDatabase>>;
let people: Record<'alice' | 'bob' | 'carol', Person>;
const sockets: SocketClient[] = [];

beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database });
  people = await signUpAll(app.url, 'alice', 'bob', 'carol');
});
afterAll(async () => {
  for (const socket of sockets) await socket.close();
  await app?.close();
  await database?.drop();
});

async function watching(person: Person): Promise<SocketClient> {
  const socket = person.plain();
  sockets.push(socket);
  await socket.connect();
  return socket;
}

describe.each(['http', 'socket.io', 'websocket'] as const)('over %s', (transport) => {
  it('a message is stored, answered, and told to every member', async () => {
    const { alice, bob } = people;
    const { id } = await openDirect(alice, bob);
    const listener = await watching(bob);
    const caller = await callerFor(alice, transport, sockets);
    const clientMessageId = randomUUID();
    const sent = dataOf(await caller.call(sendMessage, { conversationId: id, clientMessageId, content: `over ${transport}` }));
    expect(sent).toMatchObject({ conversationId: id, senderId: alice.id, clientMessageId, type: 'text', content: `over ${transport}` });
    const told = await listener.events.next('message:new', ({ message }) => message.id === sent.id);
    expect(told).toMatchObject({ conversationId: id, version: sent.version, message: sent });
  });

  it('a resend is answered with the stored message, and another message under its id is refused', async () => {
    const { alice, bob } = people;
    const { id } = await openDirect(alice, bob);
    const caller = await callerFor(alice, transport, sockets);
    const message = { conversationId: id, clientMessageId: randomUUID(), content: 'once' };
    const first = dataOf(await caller.call(sendMessage, message));
    expect(dataOf(await caller.call(sendMessage, message))).toEqual(first);
    expect(await caller.call(sendMessage, { ...message, content: 'twice' })).toMatchObject({
      ok: false,
      error: { code: 'CLIENT_MESSAGE_ID_CONFLICT' },
    });
  });

  it('someone who is no member is told that there is no such conversation', async () => {
    const { alice, bob, carol } = people;
    const { id } = await openDirect(alice, bob);
    const caller = await callerFor(carol, transport, sockets);
    const theirs = await caller.call(sendMessage, { conversationId: id, content: 'let me in' });
    const nowhere = await caller.call(sendMessage, { conversationId: randomUUID(), content: 'let me in' });
    const strip = ({ error }: Payload) => ({ ...error, path: '', requestId: '', timestamp: '' });
    expect(theirs).toMatchObject({ ok: false, error: { code: 'CONVERSATION_NOT_FOUND' } });
    expect(strip(theirs)).toEqual(strip(nowhere));
  });

  it('sync answers what was missed, once', async () => {
    const { alice, bob } = people;
    const group = await openGroup(alice, [bob]);
    const caller = await callerFor(bob, transport, sockets);
    const held = dataOf(await caller.call(sync, { conversations: { [group.id]: { version: 1 } } }));
    expect(held.conversations).toMatchObject([{ id: group.id, version: 1, messages: [], hasMore: false }]);
    for (const content of ['one', 'two']) await alice.http.call('POST', `/api/v1/conversations/${group.id}/messages`, { content });
    const missed = dataOf(await caller.call(sync, { conversations: { [group.id]: { version: 1 } } }));
    expect(missed.conversations[0].messages.map((message: Payload) => message.content)).toEqual(['one', 'two']);
    const again = dataOf(await caller.call(sync, { conversations: { [group.id]: { version: missed.conversations[0].version } } }));
    expect(again.conversations).toMatchObject([{ messages: [], members: [], hasMore: false, unread: { messages: 2 } }]);
  });

  it.each([
    ['a wrong type', { content: 7 }],
    ['an unknown key', { content: 'x', admin: true }],
    ['NUL', { content: 'a\u0000b' }],
    ['half a surrogate pair', { content: 'a\ud800b' }],
    ['more than 5,000 characters', { content: '😀'.repeat(5001) }],
    ['no content at all', {}],
    ['blank content', { content: ' \n ' }],
    ['an id that is none', { content: 'x', clientMessageId: 'not-a-uuid' }],
    ['a binary placeholder', { content: { _placeholder: true, num: 0 } }],
  ])('%s is refused with its reason, and the neighbours live on', async (_, input) => {
    const { alice, bob } = people;
    const { id } = await openDirect(alice, bob);
    const caller = await callerFor(alice, transport, sockets);
    const refused = await caller.call(sendMessage, { conversationId: id, ...input });
    expect(refused).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    expect((refused as Payload).error.details.length).toBeGreaterThan(0);
    dataOf(await caller.call(sendMessage, { conversationId: id, content: 'still here' }));
  });

  it('exactly 5,000 characters beyond the basic plane are taken and come back the same', async () => {
    const { alice, bob } = people;
    const { id } = await openDirect(alice, bob);
    const caller = await callerFor(alice, transport, sockets);
    const content = '😀'.repeat(5000);
    expect(dataOf(await caller.call(sendMessage, { conversationId: id, content })).content).toBe(content);
  });
});
