import { randomUUID } from 'node:crypto';
import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** Blocks, on every surface there is. */

let app: TestApp;
let [alice, bob, carol]: [Caller, Caller, Caller] = [] as never;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => app.person(name)))) as [Caller, Caller, Caller];
  app.told.length = 0;
});

const block = (who: Caller, whom: Caller) => who.call('blocks.put', { userId: whom.id });
const unblock = (who: Caller, whom: Caller) => who.call('blocks.delete', { userId: whom.id });
const ask = (from: Caller, to: Caller) => from.call('friends.request', { userId: to.id });
const befriend = async (a: Caller, b: Caller) => b.call('friends.accept', { requestId: (await ask(a, b)).id });
const blockedBy = async (who: Caller): Promise<string[]> =>
  (await who.call('blocks.list')).items.map((one: { user: { id: string } }) => one.user.id);

const found = async (who: Caller, q: string): Promise<string[]> =>
  (await who.call('users.search', { q })).items.map(({ id }: { id: string }) => id);

it('are listed by the one who blocked, told to their devices, and to nobody else', async () => {
  await block(alice, bob);
  await block(alice, bob);
  await block(alice, carol);
  expect(await blockedBy(alice)).toEqual([carol.id, bob.id]);
  expect(await blockedBy(bob)).toEqual([]);
  expect(app.told.map(({ event, to, payload }) => [event, to['userId'], payload['kind'], payload['payload'].userId])).toEqual([
    ['user:event', alice.id, 'block.added', bob.id],
    ['user:event', alice.id, 'block.added', carol.id],
  ]);
  app.told.length = 0;
  await unblock(alice, bob);
  await unblock(alice, bob);
  expect(await blockedBy(alice)).toEqual([carol.id]);
  expect(app.told).toMatchObject([{ event: 'user:event', to: { userId: alice.id }, payload: { kind: 'block.removed' } }]);
});

it('are refused of oneself, of nobody and of another account, and beyond the limit', async () => {
  const stranger = await app.person('dan', await app.account());
  expect(await refusal(block(alice, alice))).toBe('VALIDATION_FAILED');
  expect(await refusal(alice.call('blocks.put', { userId: randomUUID() }))).toBe('USER_NOT_FOUND');
  expect(await refusal(block(alice, stranger))).toBe('USER_NOT_FOUND');
  await app.sql(
    `with made as (
       insert into app_user (account_id, id, username, username_key, display_name, role, created_at)
       select $1::uuid, gen_random_uuid(), 'b' || n || $2::text, 'b' || n || $2::text, 'b', 'member', now() from generate_series(1, $3::int) n returning id)
     select count(*) from made`,
    [alice.account, alice.id, limits.blocks],
  );
  await app.sql(
    `insert into block (account_id, blocker_id, blocked_id, created_at)
     select $1::uuid, $2::uuid, id, now() from app_user where username like 'b%' || $2::text`,
    [alice.account, alice.id],
  );
  expect(await refusal(block(alice, bob))).toBe('BLOCK_LIMIT_REACHED');
});

it.each(['alice blocked', 'bob blocked'])('part two people on every surface: %s', async (who) => {
  await befriend(alice, bob);
  const [blocker, other] = who.startsWith('alice') ? [alice, bob] : [bob, alice];
  await block(blocker, other);
  const group = await openGroup(alice, [carol]);

  expect((await alice.call('friends.list')).items).toEqual([]);
  expect((await bob.call('friends.list')).items).toEqual([]);
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    expect(await refusal(openDirect(from, to))).toBe('USER_NOT_FOUND');
    expect(await refusal(from.call('messages.send', { toUserId: to.id, content: 'hello' }))).toBe('USER_NOT_FOUND');
    expect(await refusal(ask(from, to))).toBe('USER_NOT_FOUND');
    expect(await refusal(openGroup(from, [to]))).toBe('USER_NOT_FOUND');
    expect(await refusal(from.call('users.presence', { userId: to.id }))).toBe('USER_NOT_FOUND');
    expect(await from.call('presence.query', { userIds: [to.id] })).toEqual({ items: [] });
    const { username } = await to.call('users.get', { userId: to.id });
    expect(await found(from, username)).not.toContain(to.id);
  }
  expect(await refusal(alice.call('members.add', { conversationId: group.id, userIds: [bob.id] }))).toBe('USER_NOT_FOUND');
  // Whom one blocked one may look at; whoever blocked one is not there.
  expect(await blocker.call('users.get', { userId: other.id })).not.toHaveProperty('lastSeenAt');
  expect(await refusal(other.call('users.get', { userId: blocker.id }))).toBe('USER_NOT_FOUND');

  await unblock(blocker, other);
  expect(await found(other, (await blocker.call('users.get', { userId: blocker.id })).username)).toContain(blocker.id);
  expect((await openDirect(other, blocker)).peer.id).toBe(blocker.id);
  await alice.call('members.add', { conversationId: group.id, userIds: [bob.id] });
});

it('silence the direct conversation that is there, and leave it to be read', async () => {
  const direct = await openDirect(alice, bob);
  await send(alice, direct, 'before');
  await send(bob, direct, 'before');
  const { version } = await bob.call('conversations.get', { conversationId: direct.id });
  await block(alice, bob);
  for (const who of [alice, bob]) {
    expect(await refusal(send(who, direct, 'after'))).toBe('POSTING_NOT_ALLOWED');
    expect((await openDirect(who, who === alice ? bob : alice)).id).toBe(direct.id);
    expect((await who.call('messages.list', { conversationId: direct.id })).items).toHaveLength(2);
  }
  expect(await bob.call('conversations.get', { conversationId: direct.id })).toMatchObject({ version });
  await unblock(alice, bob);
  await send(bob, direct, 'again');
});

it('hide marks while they last; what moved meanwhile is told when they end', async () => {
  const direct = await openDirect(alice, bob);
  const group = await openGroup(carol, [alice, bob]);
  const elsewhere = await openGroup(carol, [alice]);
  await send(alice, direct, 'one');
  for (const conversation of [group, elsewhere]) await send(carol, conversation, 'one');
  const mark = (who: Caller, { id }: { id: string }) => who.call('receipts.mark', { items: [{ conversationId: id, readSeq: 1 }] });
  const version = async (who: Caller, { id }: { id: string }) => (await who.call('receipts.list', { conversationId: id })).receiptsVersion;
  const news = async (who: Caller, { id }: { id: string }, receiptsVersion: number) =>
    (await who.call('sync.conversations', { conversations: { [id]: { version: 2, receiptsVersion } } })).conversations[0];
  const readBy = (from: { receipts: { userId: string; readSeq: number }[] }, who: Caller) =>
    from.receipts.find(({ userId }) => userId === who.id)?.readSeq;

  await block(alice, bob);
  await block(bob, alice);
  for (const conversation of [direct, group]) {
    await mark(bob, conversation);
    await mark(alice, conversation);
  }
  const held = new Map<unknown, number>();
  for (const conversation of [direct, group, elsewhere]) held.set(conversation, await version(alice, conversation));
  app.told.length = 0;
  await unblock(alice, bob);
  // The other half still holds.
  for (const conversation of [direct, group]) expect(await version(alice, conversation)).toBe(held.get(conversation));

  await alice.call('preferences.put', { readReceipts: false });
  app.told.length = 0;
  await unblock(bob, alice);
  for (const conversation of [direct, group]) {
    const before = held.get(conversation) ?? 0;
    expect(await version(alice, conversation)).toBe(before + 1);
    expect(readBy(await news(alice, conversation, before), bob)).toBe(1);
    expect(readBy(await news(bob, conversation, before), alice)).toBe(0);
    const told = app.told.filter(({ event, payload }) => event === 'receipt:updated' && payload['conversationId'] === conversation.id);
    expect(told.map(({ to, payload }) => [to['kind'], to['userId'], payload['items']]).toSorted()).toEqual(
      [
        ['devices', alice.id, [{ userId: bob.id, deliveredSeq: 1, readSeq: 1 }]],
        ['devices', bob.id, [{ userId: alice.id, deliveredSeq: 1, readSeq: 0 }]],
      ].toSorted(),
    );
  }
  expect(await version(alice, elsewhere)).toBe(held.get(elsewhere));
  expect(JSON.stringify(app.told.filter(({ to }) => to['userId'] === alice.id))).not.toContain('block');
});

it('end what is between two people, and say no more to the other than that it ended', async () => {
  await befriend(alice, bob);
  app.told.length = 0;
  await block(alice, bob);
  const toBob = app.told.filter(({ to }) => to['userId'] === bob.id);
  expect(toBob.map(({ event, payload }) => [event, payload['kind']])).toEqual([
    ['friend:removed', undefined],
    ['user:event', 'friend.removed'],
  ]);
  expect(JSON.stringify(toBob)).not.toContain('block');
});

it.each([
  ['sent by the one who blocks', 'cancelled'],
  ['sent by the other', 'rejected'],
])('close a request %s as %s', async (how, status) => {
  const [from, to] = how.includes('who blocks') ? [alice, bob] : [bob, alice];
  const { id: requestId } = await ask(from, to);
  await block(alice, bob);
  for (const who of [alice, bob])
    for (const direction of ['incoming', 'outgoing']) expect((await who.call('friends.listRequests', { direction })).items).toEqual([]);
  expect((await from.call('friends.listRequests', { direction: 'outgoing', status })).items).toMatchObject([{ id: requestId }]);
  expect(await refusal(to.call('friends.accept', { requestId }))).toMatch(/^FRIEND_REQUEST_(CLOSED|NOT_FOUND)$/);
});

it('win over what is asked at the same moment', async () => {
  for (let round = 0; round < 8; round += 1) {
    const dan = await app.person('dan');
    const settled = (calls: Promise<unknown>[]) => Promise.all(calls.map((call) => call.catch((error: { code: string }) => error.code)));
    const direct = round % 2 === 0 ? undefined : await openDirect(alice, dan);
    if (direct) await send(dan, direct, 'warm');
    await settled([ask(dan, alice), block(alice, dan), ask(alice, dan), openDirect(dan, alice)]);
    expect(await blockedBy(alice)).toContain(dan.id);
    expect((await alice.call('friends.list')).items).toEqual([]);
    expect((await dan.call('friends.listRequests', { direction: 'outgoing' })).items).toEqual([]);
    expect((await alice.call('friends.listRequests')).items).toEqual([]);
    const answer = await openDirect(dan, alice).catch((error: { code: string }) => error.code);
    if (answer === 'USER_NOT_FOUND') continue;
    expect(await refusal(send(dan, answer, 'after'))).toBe('POSTING_NOT_ALLOWED');
  }
});
