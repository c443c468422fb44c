import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { about, openDirect, openGroup, refusal, send } from '../calls.ts';

/** One's own arrangement of conversations and the support inbox. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let dan: Caller;
let agent: Caller;
let group: { id: string; version: number };
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
/** alice owns, bob is a plain member, dan a stranger, the agent an admin of the account. */
beforeEach(async () => {
  [alice, bob, dan, agent] = (await Promise.all(['alice', 'bob', 'dan', 'agent'].map((name) => app.person(name)))) as [
    Caller,
    Caller,
    Caller,
    Caller,
  ];
  await app.sql("update app_user set role = 'admin' where id = $1", [agent.id]);
  group = await openGroup(alice, [bob]);
  app.told.length = 0;
});
const on = (more: object = {}) => ({ conversationId: group.id, ...more });
const listed = async (viewer: Caller, input: Record<string, unknown> = {}): Promise<string[]> =>
  (await viewer.call('conversations.list', input)).items.map(({ id }: { id: string }) => id);
const seen = (viewer: Caller) => viewer.call('conversations.get', on());

describe('arranging for oneself', () => {
  it('archives, pins and silences, and tells only the own devices', async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    const membership = await bob.call('membership.update', on({ archived: true, pinned: true, mutedUntil: until, notify: 'mentions' }));
    expect(membership).toMatchObject({ role: 'member', archived: true, pinned: true, mutedUntil: until, notify: 'mentions' });
    await app.storage.receiptLog.settled();
    expect(app.told).toMatchObject([
      {
        event: 'user:event',
        to: { kind: 'devices', userId: bob.id },
        payload: {
          userVersion: 1,
          kind: 'membership.updated',
          payload: { conversationId: group.id, archived: true, pinned: true, mutedUntil: until, notify: 'mentions', unread: 0 },
        },
      },
      { event: 'unread:updated', to: { kind: 'devices', userId: bob.id }, payload: { total: 0, mentions: 0 } },
    ]);
    expect((await seen(bob)).membership).toEqual(membership);
    expect((await seen(alice)).membership).toMatchObject({ archived: false, pinned: false, notify: 'all' });
    expect((await seen(bob)).version).toBe(group.version);
    expect(await bob.call('membership.update', on({ mutedUntil: null }))).not.toHaveProperty('mutedUntil');
    app.told.length = 0;
    await bob.call('membership.update', on({ archived: true }));
    expect(app.told).toEqual([]);
  });

  it('to what it is takes no version, were it after a silence that is over', async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    await bob.call('membership.update', on({ archived: true, pinned: true, mutedUntil: until, notify: 'mentions' }));
    await app.storage.receiptLog.settled();
    app.told.length = 0;
    await bob.call('membership.update', on({ archived: true, pinned: true, mutedUntil: until, notify: 'mentions' }));
    await app.sql(`update member set notify_muted_until = now() - interval '1 second' where conversation_id = $1 and user_id = $2`, [
      group.id,
      bob.id,
    ]);
    await bob.call('membership.update', on({ archived: true, pinned: true }));
    await bob.call('membership.update', on());
    expect(app.told).toEqual([]);
  });

  it('works between two, and hides from strangers', async () => {
    const direct = await openDirect(alice, bob);
    expect(await alice.call('membership.update', { conversationId: direct.id, pinned: true })).toMatchObject({ pinned: true });
    const other = await app.person('other', await app.account());
    for (const stranger of [dan, other, agent]) {
      expect(await refusal(stranger.call('membership.update', on({ pinned: true })))).toBe('CONVERSATION_NOT_FOUND');
      expect(await refusal(stranger.call('membership.markUnread', on({ fromSeq: 1 })))).toBe('CONVERSATION_NOT_FOUND');
    }
  });

  it('is forgotten by whoever leaves and comes back', async () => {
    await bob.call('membership.update', on({ archived: true, pinned: true, notify: 'none' }));
    await bob.call('conversations.leave', on());
    await alice.call('members.add', on({ userIds: [bob.id] }));
    expect((await seen(bob)).membership).toMatchObject({ archived: false, pinned: false, notify: 'all' });
  });
});

describe('marking unread', () => {
  /** What the definition says: countable messages from there on that others sent. */
  const bySight = async (viewer: Caller, from: number): Promise<number> => {
    const { items } = await viewer.call('messages.list', on({ limit: 100 }));
    return items.filter((m: Payload) => m.seq >= from && m.senderId !== viewer.id && m.type !== 'system' && m.threadRootId === undefined)
      .length;
  };

  it('counts from any message as the definition does, and on from there', async () => {
    const first = await send(alice, group, 'one');
    await send(bob, group, 'two');
    await send(alice, group, 'in a thread', { threadRootId: first.id });
    await send(alice, group, 'four');
    await send(bob, group, 'five');
    await send(alice, group, 'six');
    for (const fromSeq of [1, 2, 3, 4, 5, 6]) {
      const marked = await bob.call('membership.markUnread', on({ fromSeq }));
      expect([fromSeq, marked.unread.messages]).toEqual([fromSeq, await bySight(bob, fromSeq)]);
      expect(marked.membership).toMatchObject({ unreadFromSeq: fromSeq });
    }
    await bob.call('membership.markUnread', on({ fromSeq: 2 }));
    await send(alice, group, 'seven');
    await send(bob, group, 'eight');
    expect((await seen(bob)).unread.messages).toBe(await bySight(bob, 2));
    expect((await seen(alice)).unread.messages).toBe(await bySight(alice, 2));
    const { version } = await seen(alice);
    expect(version).toBe(group.version + 8);
  });

  it('tells the own devices how many', async () => {
    await send(alice, group, 'one');
    await send(alice, group, 'two');
    app.told.length = 0;
    await bob.call('membership.markUnread', on({ fromSeq: 2 }));
    await app.storage.receiptLog.settled();
    expect(app.told).toMatchObject([
      { event: 'user:event', to: { userId: bob.id }, payload: { kind: 'membership.updated', payload: { unreadFromSeq: 2, unread: 1 } } },
      { event: 'unread:updated', to: { userId: bob.id }, payload: { total: 1, messages: 1, unreadFromSeq: 2 } },
    ]);
  });

  it('again, from the same message, is told once', async () => {
    await send(alice, group, 'one');
    await bob.call('membership.markUnread', on({ fromSeq: 1 }));
    await send(alice, group, 'two');
    await app.storage.receiptLog.settled();
    app.told.length = 0;
    expect(await bob.call('membership.markUnread', on({ fromSeq: 1 }))).toMatchObject({ unread: { messages: 2 } });
    expect(app.told).toEqual([]);
  });

  it('refuses what is not there, not yet, or not for them', async () => {
    await send(alice, group, 'one');
    for (const fromSeq of [2, Number.MAX_SAFE_INTEGER])
      expect(await refusal(bob.call('membership.markUnread', on({ fromSeq })))).toBe('MESSAGE_NOT_FOUND');
    for (const fromSeq of [0, -1, 1.5, 1e300])
      expect(await refusal(bob.call('membership.markUnread', on({ fromSeq })))).toBe('VALIDATION_FAILED');
    await alice.call('conversations.update', on({ settings: { history: 'joined' } }));
    await alice.call('members.add', on({ userIds: [dan.id] }));
    expect(await refusal(dan.call('membership.markUnread', on({ fromSeq: 1 })))).toBe('MESSAGE_NOT_FOUND');
  });
});

describe('mentions', () => {
  it('are counted after the mark: of oneself, and of everyone, each message once', async () => {
    await send(alice, group, 'hi', { mentions: [bob.id] });
    await send(alice, group, 'all', { mentions: ['@all'] });
    await send(alice, group, 'both', { mentions: [bob.id, '@all'] });
    await send(alice, group, 'plain');
    expect((await seen(bob)).unread).toEqual({ messages: 4, mentions: 3 });
    expect((await seen(alice)).unread).toEqual({ messages: 0, mentions: 0 });
    const [own] = (await bob.call('conversations.list', { filter: 'unread' })).items;
    expect(own.unread).toEqual({ messages: 4, mentions: 3 });
    const synced = await bob.call('sync.conversations', { conversations: { [group.id]: {} } });
    expect(synced.conversations[0].unread).toEqual({ messages: 4, mentions: 3 });
    expect((await bob.call('membership.markUnread', on({ fromSeq: 3 }))).unread).toEqual({ messages: 2, mentions: 1 });
  });
});

describe('the list', () => {
  it('filters by what is one’s own', async () => {
    const [second, third] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
    await send(alice, second, 'news');
    await bob.call('membership.update', { conversationId: third.id, archived: true, pinned: true });
    await bob.call('membership.update', { conversationId: second.id, pinned: true });
    expect(await listed(bob)).toEqual([second.id, group.id]);
    expect(await listed(bob, { filter: 'archived' })).toEqual([third.id]);
    expect(await listed(bob, { filter: 'unread' })).toEqual([second.id]);
    expect(await listed(bob, { filter: 'pinned' })).toEqual([second.id]);
    expect(await refusal(bob.call('conversations.list', { filter: 'everything' }))).toBe('VALIDATION_FAILED');
  });

  it('filters by status, assignee and label, alone and together', async () => {
    const second = await openGroup(alice, [bob]);
    await alice.call('inbox.update', on({ status: 'pending', assigneeId: bob.id, labels: ['billing', 'vip'] }));
    await alice.call('inbox.update', { conversationId: second.id, assigneeId: agent.id, labels: ['billing'] });
    expect(await listed(alice, { filter: 'open' })).toEqual([second.id]);
    expect(await listed(alice, { filter: 'pending' })).toEqual([group.id]);
    expect(await listed(alice, { filter: 'resolved' })).toEqual([]);
    expect(await listed(bob, { filter: 'mine' })).toEqual([group.id]);
    expect(await listed(alice, { assigneeId: agent.id })).toEqual([second.id]);
    expect(new Set(await listed(alice, { label: 'billing' }))).toEqual(new Set([group.id, second.id]));
    expect(await listed(alice, { label: 'billing', filter: 'open' })).toEqual([second.id]);
    expect(await listed(alice, { label: "' or true --" })).toEqual([]);
  });

  it('pages through a filter without a gap or a repeat', async () => {
    const groups = [];
    for (let i = 0; i < 7; i += 1) groups.push(await openGroup(alice, []));
    for (const each of groups.slice(0, 5)) await alice.call('membership.update', { conversationId: each.id, pinned: true });
    const paged: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await alice.call('conversations.list', { filter: 'pinned', limit: 2, ...(cursor ? { cursor } : {}) });
      paged.push(...page.items.map(({ id }: { id: string }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(
      groups
        .slice(0, 5)
        .map(({ id }) => id)
        .toReversed(),
    );
  });
});

describe('the support inbox', () => {
  it('is kept by moderators and by agents, also of conversations that are not theirs', async () => {
    expect(await refusal(bob.call('inbox.update', on({ status: 'resolved' })))).toBe('FORBIDDEN');
    expect(await refusal(dan.call('inbox.update', on({ status: 'resolved' })))).toBe('CONVERSATION_NOT_FOUND');
    const other = await app.person('other', await app.account());
    expect(await refusal(other.call('inbox.update', on({ status: 'resolved' })))).toBe('CONVERSATION_NOT_FOUND');
    const direct = await openDirect(bob, dan);
    expect(await refusal(bob.call('inbox.update', { conversationId: direct.id, status: 'pending' }))).toBe('FORBIDDEN');
    expect(await agent.call('inbox.update', { conversationId: direct.id, status: 'pending' })).toMatchObject({ status: 'pending' });
    expect(await agent.call('inbox.update', on({ status: 'pending', assigneeId: agent.id, labels: ['vip', 'vip'] }))).toMatchObject({
      status: 'pending',
      assigneeId: agent.id,
      labels: ['vip'],
    });
    expect(await refusal(agent.call('conversations.get', on()))).toBe('CONVERSATION_NOT_FOUND');
  });

  it('tells members a version and watchers where it stands, each once', async () => {
    await send(alice, group, 'help');
    app.told.length = 0;
    await agent.call('inbox.update', on({ status: 'resolved', labels: ['done'] }));
    expect(about(app, group)).toMatchObject([
      {
        event: 'conversation:updated',
        to: { kind: 'conversation' },
        payload: { version: group.version + 2, conversation: { status: 'resolved' } },
      },
      {
        event: 'inbox:updated',
        to: { kind: 'inbox' },
        payload: { status: 'resolved', labels: ['done'], lastMessageAt: expect.any(String) },
      },
    ]);
    app.told.length = 0;
    await agent.call('inbox.update', on({ status: 'resolved' }));
    expect(app.told).toEqual([]);
  });

  it('goes to people who can do something about it', async () => {
    const other = await app.person('other', await app.account());
    expect(await refusal(alice.call('inbox.update', on({ assigneeId: dan.id })))).toBe('VALIDATION_FAILED');
    expect(await refusal(alice.call('inbox.update', on({ assigneeId: other.id })))).toBe('USER_NOT_FOUND');
    for (const who of [bob, dan]) await who.call('blocks.put', { userId: alice.id });
    expect(await refusal(alice.call('inbox.update', on({ assigneeId: dan.id })))).toBe('USER_NOT_FOUND');
    expect(await alice.call('inbox.update', on({ assigneeId: bob.id }))).toMatchObject({ assigneeId: bob.id });
    expect(await alice.call('inbox.update', on({ assigneeId: null }))).not.toHaveProperty('assigneeId');
  });
});

it('has no connection to watch with over HTTP', async () => {
  for (const operation of ['conversations.watch', 'conversations.unwatch'])
    expect(await refusal(alice.call(operation, on()))).toBe('OPERATION_UNKNOWN');
  expect(await refusal(agent.call('inbox.watch'))).toBe('OPERATION_UNKNOWN');
});
