import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type ListeningApp } from '../support/listening-app.ts';
import { dataOf, type SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { expectStatus, openGroup, type Person, signUpAll } from '../support/people.ts';
import type { Database } from '../support/template.ts';

let database: Database;
let app: ListeningApp;
beforeAll(async () => {
  database = await createDatabase();
  app = await startTestApp({ database });
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const isOf =
  (person: Person) =>
  ({ items }: { items: { userId: string }[] }) =>
    items.some(({ userId }) => userId === person.id);

describe.each(['socket.io', 'websocket'] as const)('over %s', (transport) => {
  it('tells members of typing, those who watch of reading, and the reader’s other devices of what is unread', async () => {
    const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
    const group = await openGroup(alice, [bob, carol]);
    const call = async (socket: SocketClient, operation: string, input: Record<string, unknown>) =>
      dataOf(await socket.call(operation, input));
    const connect = async (person: Person) => {
      const socket = person.socket(transport);
      await socket.connect();
      return socket;
    };
    const [watching, elsewhere, typist, other] = [await connect(alice), await connect(carol), await connect(bob), await connect(bob)];
    await call(watching, 'conversation:join', { conversationId: group.id });
    await call(typist, 'conversation:join', { conversationId: group.id });
    const sent = await call(watching, 'message:send', { conversationId: group.id, content: 'hello' });

    await call(typist, 'typing', { conversationId: group.id, isTyping: true });
    for (const socket of [watching, elsewhere])
      expect(await socket.events.next('typing')).toMatchObject({ conversationId: group.id, userId: bob.id, isTyping: true });

    await call(typist, 'message:ack', { items: [{ conversationId: group.id, readSeq: 1 }] });
    expect(await watching.events.next('receipt:updated', isOf(bob))).toMatchObject({ items: [{ readSeq: 1 }] });
    expect(await other.events.next('receipt:updated')).toMatchObject({ items: [{ userId: bob.id, readSeq: 1 }] });
    expect(await other.events.next('unread:updated')).toMatchObject({ total: 0, conversationId: group.id, messages: 0 });

    await call(typist, 'reaction:add', { messageId: sent.id, emoji: '👍' });
    expect(await elsewhere.events.next('reaction:changed')).toMatchObject({ messageId: sent.id, emoji: '👍', count: 1, version: 3 });
    await call(watching, 'message:edit', { messageId: sent.id, content: 'hello, all' });
    expect(await elsewhere.events.next('message:updated')).toMatchObject({ version: 4, message: { content: 'hello, all' } });
    expectStatus(await alice.http.call('DELETE', `/api/v1/messages/${sent.id}?for=everyone`), 204);
    expect(await elsewhere.events.next('message:deleted')).toMatchObject({
      version: 5,
      messageId: sent.id,
      seq: 1,
      deletedAt: expect.any(String),
    });

    await app.settled();
    expect(elsewhere.events.of('receipt:updated')).toEqual([]);
    for (const socket of [typist, other]) expect(socket.events.of('typing')).toEqual([]);
    for (const socket of [watching, elsewhere, typist, other]) await socket.close();
  });
});

it('takes reactions, pins, drafts and receipts over HTTP', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const group = await openGroup(alice, [bob]);
  const message = expectStatus(await alice.http.call('POST', `/api/v1/conversations/${group.id}/messages`, { content: 'x' }), 201);
  const path = `/api/v1/messages/${message.id}`;
  expectStatus(await bob.http.call('PUT', `${path}/reactions/${encodeURIComponent('❤️')}`), 204);
  expectStatus(await bob.http.call('DELETE', `${path}/reactions/${encodeURIComponent('❤️')}`), 204);
  expectStatus(await bob.http.call('PUT', `${path}/reactions/${encodeURIComponent('../x')}`), 400);
  expectStatus(await alice.http.call('PUT', `${path}/pin`), 204);
  expectStatus(await alice.http.call('GET', `/api/v1/conversations/${group.id}/pins?limit=1000000000`), 400);
  expectStatus(await bob.http.call('PUT', `/api/v1/conversations/${group.id}/draft`, { content: 'dr' }), 200);
  expectStatus(await bob.http.call('PATCH', path, { content: 'mine?' }), 403);
  const marked = expectStatus(await bob.http.call('POST', '/api/v1/receipts', { items: [{ conversationId: group.id, readSeq: 1 }] }), 200);
  expect(marked['items']).toMatchObject([{ readSeq: 1, unread: { messages: 0 } }]);
  expect(expectStatus(await alice.http.call('GET', `${path}/readers`), 200)).toMatchObject({ read: 1, readBy: [bob.id] });
});
