import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';

/** Threads. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
let outsider: Caller;
let stranger: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, carol, outsider] = await Promise.all([app.person('alice'), app.person('bob'), app.person('carol'), app.person('dan')]);
  stranger = await app.person('stranger', await app.account());
});
afterAll(() => app.close());

const feed = () =>
  app.told.filter(({ event }) => event === 'user:event').map(({ to, payload }) => [to['userId'], payload['kind'], payload['payload']]);

describe('a thread', () => {
  it('has a list, replies in order, and an unread count of its own', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const [root, other] = [await send(alice, group, 'root'), await send(bob, group, 'other')];
    await send(bob, group, 'r1', { threadRootId: other.id });
    for (const person of [alice, bob, carol]) await send(person, group, `from ${person.id}`, { threadRootId: root.id });
    const list = await bob.call('threads.list', { conversationId: group.id, limit: 1 });
    expect(list.items).toMatchObject([{ root: { id: root.id }, replyCount: 3, lastReplySeq: 6, readSeq: 0, unread: 2 }]);
    const next = await bob.call('threads.list', { conversationId: group.id, limit: 1, cursor: list.nextCursor });
    expect([next.items[0].root.id, next.nextCursor]).toEqual([other.id, null]);
    const first = await bob.call('threads.get', { messageId: root.id, limit: 2 });
    const second = await bob.call('threads.get', { messageId: root.id, limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map((message: Payload) => message.seq)).toEqual([4, 5, 6]);

    app.told.length = 0;
    await bob.call('threads.markRead', { messageId: root.id, readSeq: 4 });
    await bob.call('threads.markRead', { messageId: root.id, readSeq: 2 });
    expect(feed()).toEqual([[bob.id, 'thread.read', { conversationId: group.id, rootId: root.id, readSeq: 4 }]]);
    expect((await bob.call('threads.get', { messageId: root.id })).unread).toBe(1);
    await bob.call('threads.markRead', { messageId: root.id });
    expect(await bob.call('threads.get', { messageId: root.id })).toMatchObject({ unread: 0, readSeq: 6 });
    expect((await carol.call('threads.get', { messageId: root.id })).unread).toBe(2);
  });

  it('passes over what one has hidden, and keeps the place of what was deleted', async () => {
    const group = await openGroup(alice, [bob]);
    const root = await send(alice, group, 'root');
    const [one, two] = [await send(alice, group, '1', { threadRootId: root.id }), await send(alice, group, '2', { threadRootId: root.id })];
    await bob.call('messages.delete', { messageId: one.id, for: 'me' });
    await alice.call('messages.delete', { messageId: two.id });
    const { items } = await bob.call('threads.get', { messageId: root.id });
    expect(items.map((message: Payload) => [message.id, message.content, message.deletedAt !== undefined])).toEqual([
      [two.id, undefined, true],
    ]);
    await bob.call('messages.delete', { messageId: root.id, for: 'me' });
    expect((await bob.call('threads.list', { conversationId: group.id })).items).toEqual([]);
    expect(await refusal(bob.call('threads.get', { messageId: root.id }))).toBe('MESSAGE_NOT_FOUND');
  });

  it('is for members', async () => {
    const group = await openGroup(alice, [bob]);
    const root = await send(alice, group, 'root');
    const reply = await send(alice, group, '1', { threadRootId: root.id });
    for (const person of [outsider, stranger]) {
      expect(await refusal(person.call('threads.list', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
      expect(await refusal(person.call('threads.get', { messageId: root.id }))).toBe('MESSAGE_NOT_FOUND');
      expect(await refusal(person.call('threads.markRead', { messageId: root.id }))).toBe('MESSAGE_NOT_FOUND');
    }
    expect(await refusal(bob.call('threads.get', { messageId: reply.id }))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(bob.call('threads.list', { conversationId: group.id, cursor: 'x' }))).toBe('CURSOR_INVALID');
    expect((await bob.call('threads.get', { messageId: (await send(bob, group, 'no replies')).id })).items).toEqual([]);
  });
});
