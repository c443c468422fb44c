import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** Who is notified of what, on any database. */
let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(async () => {
  [alice, bob, carol] = [await app.person('alice'), await app.person('bob'), await app.person('carol')];
});
afterAll(() => app.close());

const list = async (who: Caller, more: Record<string, unknown> = {}): Promise<Payload> => who.call('notifications.list', more);
/** Of every kind but being added, which most tests begin with. */
const heard = async (who: Caller): Promise<Payload[]> => {
  await app.settled();
  return (await list(who)).items.filter(({ kind }: Payload) => kind !== 'added');
};
const liveTo = (who: Caller, event: string) => app.told.filter((told) => told.event === event && told.to['userId'] === who.id);

it('tells whoever is mentioned, live, in their feed and in the list', async () => {
  const group = await openGroup(alice, [bob, carol]);
  const message = await send(alice, group, 'hello bob', { mentions: [bob.id] });
  const [notification, ...more] = await heard(bob);
  expect(more).toEqual([]);
  expect(notification).toEqual({
    id: expect.any(String),
    kind: 'mention',
    actorId: alice.id,
    conversationId: group.id,
    messageId: message.id,
    seq: message.seq,
    createdAt: expect.any(String),
  });
  expect(liveTo(bob, 'notification:new').map(({ payload }) => payload['notification'])).toContainEqual(notification);
  const entries = liveTo(bob, 'user:event').map(({ payload }) => payload);
  expect(entries).toContainEqual(
    expect.objectContaining({ kind: 'notification.created', payload: { notificationId: notification.id, kind: 'mention' } }),
  );
  expect(await heard(carol)).toEqual([]);
  expect(await heard(alice)).toEqual([]);
});

it('tells the author of what is replied to, once, also when the reply mentions them', async () => {
  const group = await openGroup(alice, [bob]);
  const first = await send(bob, group, 'a question');
  const reply = await send(alice, group, 'an answer', { replyToId: first.id });
  const both = await send(alice, group, 'another', { replyToId: first.id, mentions: [bob.id] });
  await send(bob, group, 'my own', { replyToId: first.id, mentions: [bob.id] });
  expect((await heard(bob)).map(({ kind, messageId }) => [kind, messageId])).toEqual([
    ['mention', both.id],
    ['reply', reply.id],
  ]);
});

it('makes nothing of plain messages', async () => {
  const direct = await openDirect(alice, bob);
  await send(alice, direct, 'plain');
  await app.settled();
  expect((await list(bob)).items).toEqual([]);
});

it('tells everyone of a mention of everyone, but the sender', async () => {
  const group = await openGroup(alice, [bob, carol]);
  await send(alice, group, 'all of you', { mentions: ['@all'] });
  for (const who of [bob, carol]) expect((await heard(who)).map(({ kind }) => kind)).toEqual(['mention']);
  expect(await heard(alice)).toEqual([]);
});

it('leaves a mention of everyone to the counters where there are too many', async () => {
  const group = await openGroup(alice, [bob, carol]);
  await app.sql('update conversation set member_count = 201 where id = $1', [group.id]);
  await send(alice, group, 'all of you, and bob', { mentions: ['@all', bob.id] });
  expect(await heard(bob)).toHaveLength(1);
  expect(await heard(carol)).toEqual([]);
});

it('honours what each wants of the conversation', async () => {
  const group = await openGroup(alice, [bob, carol]);
  const [ofBob, ofCarol] = [await send(bob, group, 'b'), await send(carol, group, 'c')];
  const membership = (who: Caller, change: object) => who.call('membership.update', { conversationId: group.id, ...change });
  await membership(bob, { notify: 'mentions' });
  await membership(carol, { notify: 'none' });
  for (const replyToId of [ofBob.id, ofCarol.id]) await send(alice, group, 're', { replyToId });
  await send(alice, group, 'you two', { mentions: [bob.id, carol.id] });
  expect((await heard(bob)).map(({ kind }) => kind)).toEqual(['mention']);
  expect(await heard(carol)).toEqual([]);
  await membership(bob, { mutedUntil: '2999-01-01T00:00:00.000Z' });
  await send(alice, group, 'muted', { mentions: [bob.id] });
  expect(await heard(bob)).toHaveLength(1);
});

it('honours the preference for mentions only', async () => {
  await bob.call('preferences.put', { notifications: { push: false, email: false, mentionsOnly: true } });
  const group = await openGroup(alice, [bob]);
  const first = await send(bob, group, 'first');
  await send(alice, group, 're', { replyToId: first.id });
  await send(alice, group, 'you', { mentions: [bob.id] });
  expect((await heard(bob)).map(({ kind }) => kind)).toEqual(['mention']);
});

it('tells nobody across a block, in either direction', async () => {
  const group = await openGroup(alice, [bob, carol]);
  const [ofBob, ofCarol] = [await send(bob, group, 'b'), await send(carol, group, 'c')];
  await bob.call('blocks.put', { userId: alice.id });
  await alice.call('blocks.put', { userId: carol.id });
  for (const replyToId of [ofBob.id, ofCarol.id]) await send(alice, group, 're', { replyToId });
  for (const who of [bob, carol]) expect(await heard(who)).toEqual([]);
});

it('tells nobody who has left, and nothing of what is deleted by then', async () => {
  const group = await openGroup(alice, [bob, carol]);
  await send(alice, group, 'you', { mentions: [bob.id] });
  await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
  const deleted = await send(alice, group, 'you', { mentions: [carol.id] });
  await alice.call('messages.delete', { messageId: deleted.id, for: 'everyone' });
  for (const who of [bob, carol]) expect(await heard(who)).toEqual([]);
});

it('tells whoever is added to a group, and nobody who joins by themselves', async () => {
  const group = await openGroup(alice, [bob], { visibility: 'public' });
  await alice.call('members.add', { conversationId: group.id, userIds: [carol.id] });
  const dan = await app.person('dan');
  await dan.call('conversations.join', { conversationId: group.id });
  await openDirect(alice, dan);
  await app.settled();
  const added = { kind: 'added', actorId: alice.id, conversationId: group.id };
  for (const who of [bob, carol]) expect((await list(who)).items).toEqual([expect.objectContaining(added)]);
  for (const who of [alice, dan]) expect((await list(who)).items).toEqual([]);
});

it('tells of friend requests and of their acceptance', async () => {
  const request = await alice.call('friends.request', { userId: bob.id });
  expect(await heard(bob)).toEqual([expect.objectContaining({ kind: 'friendRequested', actorId: alice.id, friendRequestId: request.id })]);
  await bob.call('friends.accept', { requestId: request.id });
  expect(await heard(alice)).toEqual([expect.objectContaining({ kind: 'friendAccepted', actorId: bob.id, friendRequestId: request.id })]);
  const taken = await alice.call('friends.request', { userId: carol.id });
  await alice.call('friends.cancel', { requestId: taken.id });
  expect(await heard(carol)).toEqual([]);
});

it('says nothing of a message to whoever has hidden it, whatever an edit adds', async () => {
  const group = await openGroup(alice, [bob]);
  const message = await send(alice, group, 'plain');
  await bob.call('messages.delete', { messageId: message.id, for: 'me' });
  await alice.call('messages.edit', { messageId: message.id, content: 'you', mentions: [bob.id] });
  expect(await heard(bob)).toEqual([]);
});

/** Of every kind, and that the feed says what went. */
async function expectWithdrawn(who: Caller, before: readonly Payload[]): Promise<void> {
  await app.settled();
  expect((await list(who)).items).toEqual([]);
  const removed = liveTo(who, 'user:event').filter(({ payload }) => payload['kind'] === 'notification.removed');
  expect(removed.map(({ payload }) => payload['payload'].notificationId).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
}

it.each([
  ['leaves', async (group: Payload) => bob.call('conversations.leave', { conversationId: group.id })],
  ['is removed', async (group: Payload) => alice.call('members.remove', { conversationId: group.id, userId: bob.id })],
  ['is banned', async (group: Payload) => alice.call('members.ban', { conversationId: group.id, userId: bob.id })],
  ['loses the group', async (group: Payload) => alice.call('conversations.delete', { conversationId: group.id })],
])('takes back what it told of a group from a member who %s', async (_, end) => {
  const [group, other] = [await openGroup(alice, [bob, carol]), await openGroup(alice, [carol])];
  await send(alice, group, 'you', { mentions: [bob.id, carol.id] });
  await app.settled();
  const told = (await list(bob)).items;
  expect(told.map(({ kind }: Payload) => kind).toSorted()).toEqual(['added', 'mention']);
  await end(group);
  await expectWithdrawn(bob, told);
  expect((await list(carol)).items.filter(({ conversationId }: Payload) => conversationId === other.id)).toHaveLength(1);
});

it.each([
  ['is cancelled', async (requestId: string) => alice.call('friends.cancel', { requestId })],
  ['is rejected', async (requestId: string) => bob.call('friends.reject', { requestId })],
  ['ends with a block', async () => alice.call('blocks.put', { userId: bob.id })],
])('takes back what it told of a friend request that %s', async (_, end) => {
  const request = await alice.call('friends.request', { userId: bob.id });
  await app.settled();
  const told = (await list(bob)).items;
  expect(told.map(({ kind }: Payload) => kind)).toEqual(['friendRequested']);
  await end(request.id);
  await expectWithdrawn(bob, told);
});

it('tells nobody twice when a consequence runs again', async () => {
  const group = await openGroup(alice, [bob]);
  const message = await send(alice, group, 'once', { mentions: [bob.id] });
  expect(await heard(bob)).toHaveLength(1);
  const payload = JSON.stringify({ conversationId: group.id, messageIds: [message.id] });
  await app.sql(`insert into outbox (account_id, id, type, payload) values ($1, gen_random_uuid(), 'message.posted', $2::jsonb)`, [
    bob.account,
    payload,
  ]);
  const before = liveTo(bob, 'notification:new').length;
  expect(await heard(bob)).toHaveLength(1);
  expect(liveTo(bob, 'notification:new')).toHaveLength(before);
});

describe('the list', () => {
  const mentioned = async (times: number) => {
    const group = await openGroup(alice, [bob]);
    for (let time = 0; time < times; time += 1) await send(alice, group, `mention ${time}`, { mentions: [bob.id] });
    await app.settled();
    return (await list(bob)).items as Payload[];
  };

  it('is paged newest first, counts the unread, and is one’s own', async () => {
    const all = await mentioned(4);
    expect(all).toHaveLength(5);
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all
        .map(({ createdAt }) => createdAt)
        .toSorted()
        .toReversed(),
    );
    const first = await list(bob, { limit: 3 });
    const second = await list(bob, { limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items]).toEqual(all);
    expect([first.unread, second.unread, second.nextCursor]).toEqual([5, 5, null]);
    expect(await list(alice)).toEqual({ items: [], nextCursor: null, unread: 0 });
    expect(await refusal(list(bob, { cursor: 'x' }))).toBe('CURSOR_INVALID');
    expect(await refusal(list(bob, { limit: 1e9 }))).toBe('VALIDATION_FAILED');
  });

  it('marks some, or one and all that are older, and says so to the other devices', async () => {
    const all = await mentioned(4);
    const mark = (who: Caller, input: Record<string, unknown>) => who.call('notifications.markRead', input);
    expect(await mark(bob, { ids: [all[0].id] })).toEqual({ unread: 4 });
    const unread = (await list(bob, { unread: true })).items.map(({ id }: Payload) => id);
    expect(unread).toEqual(all.slice(1).map(({ id }) => id));
    expect(await mark(bob, { upTo: all[2].id })).toEqual({ unread: 1 });
    expect((await list(bob, { unread: true })).items).toEqual([all[1]]);
    const entries = () => liveTo(bob, 'user:event').filter(({ payload }) => payload['kind'] === 'notifications.read');
    expect(entries().map(({ payload }) => payload['payload'])).toEqual([{ ids: [all[0].id] }, { upTo: all[2].id }]);
    // Again, somebody else's, and nobody's: nothing.
    expect(await mark(bob, { upTo: all[2].id })).toEqual({ unread: 1 });
    expect(await mark(carol, { ids: [all[1].id] })).toEqual({ unread: 0 });
    expect(await mark(carol, { upTo: all[1].id })).toEqual({ unread: 0 });
    const other = await app.person('mallory', await app.account());
    expect(await mark(other, { ids: [all[1].id] })).toEqual({ unread: 0 });
    expect((await list(bob)).unread).toBe(1);
    expect(entries()).toHaveLength(2);
  });

  it.each([
    ['nothing', {}],
    ['no ids', { ids: [] }],
    ['both', { ids: ['01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f'], upTo: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f' }],
    ['what is no id', { upTo: 'x' }],
  ])('refuses to mark %s', async (_, input) => {
    expect(await refusal(bob.call('notifications.markRead', input))).toBe('VALIDATION_FAILED');
  });
});
