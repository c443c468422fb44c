import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, type House, openDirect, openGroup, refusal, send } from '../support.ts';

/** Threads, drafts and typing, on whatever database. `now` is moved by the suite. */
export function writingSuite(open: (clock: { now: () => Date }) => Promise<House>): void {
  let house: House;
  let alice: Caller;
  let bob: Caller;
  let carol: Caller;
  let outsider: Caller;
  let stranger: Caller;
  let now = Date.now();
  beforeAll(async () => {
    house = await open({ now: () => new Date(now) });
    [alice, bob, carol, outsider] = await Promise.all([
      house.person('alice'),
      house.person('bob'),
      house.person('carol'),
      house.person('dan'),
    ]);
    stranger = await house.person('stranger', await house.account());
  });
  afterAll(() => house.close());

  const block = (blocker: Caller, blocked: Caller) =>
    house.sql('insert into block (account_id, blocker_id, blocked_id, created_at) values ($1, $2, $3, now())', [
      blocker.account,
      blocker.id,
      blocked.id,
    ]);
  const feed = () =>
    house.told.filter(({ event }) => event === 'user:event').map(({ to, payload }) => [to['userId'], payload['kind'], payload['payload']]);

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

      house.told.length = 0;
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
      const [one, two] = [
        await send(alice, group, '1', { threadRootId: root.id }),
        await send(alice, group, '2', { threadRootId: root.id }),
      ];
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

  describe('a draft', () => {
    it('is kept for one’s own devices', async () => {
      const group = await openGroup(alice, [bob]);
      const message = await send(alice, group, 'well?');
      const path = { conversationId: group.id };
      expect(await refusal(bob.call('drafts.get', path))).toBe('NOT_FOUND');
      house.told.length = 0;
      await bob.call('drafts.put', { ...path, content: 'I th', replyToId: message.id });
      const draft = await bob.call('drafts.put', { ...path, content: 'I think' });
      expect(await bob.call('drafts.put', { ...path, content: 'I think' })).toEqual(draft);
      expect(await bob.call('drafts.get', path)).toEqual(draft);
      expect(draft).toMatchObject({ content: 'I think' });
      expect(draft).not.toHaveProperty('replyToId');
      expect(await refusal(alice.call('drafts.get', path))).toBe('NOT_FOUND');
      await bob.call('drafts.delete', path);
      await bob.call('drafts.delete', path);
      expect(feed().map(([who, kind, payload]) => [who, kind, payload.content])).toEqual([
        [bob.id, 'draft.updated', 'I th'],
        [bob.id, 'draft.updated', 'I think'],
        [bob.id, 'draft.updated', undefined],
      ]);
    });

    it('is for members, and replies to what they see', async () => {
      const [group, elsewhere] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
      for (const person of [outsider, stranger]) {
        expect(await refusal(person.call('drafts.put', { conversationId: group.id, content: 'x' }))).toBe('CONVERSATION_NOT_FOUND');
        expect(await refusal(person.call('drafts.get', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
      }
      const message = await send(alice, elsewhere, 'x');
      expect(await refusal(bob.call('drafts.put', { conversationId: group.id, content: 'x', replyToId: message.id }))).toBe(
        'MESSAGE_NOT_FOUND',
      );
      expect(await refusal(bob.call('drafts.put', { conversationId: group.id, content: 'x', replyToId: randomUUID() }))).toBe(
        'MESSAGE_NOT_FOUND',
      );
      expect(await refusal(bob.call('drafts.put', { conversationId: group.id, content: '' }))).toBe('VALIDATION_FAILED');
    });
  });

  describe('typing', () => {
    const type = (person: Caller, group: { id: string }, isTyping = true) =>
      person.call('typing.set', { conversationId: group.id, isTyping });
    const told = () => house.told.filter(({ event }) => event === 'typing');

    it('is told to those who watch, but oneself and those with a block between', async () => {
      const group = await openGroup(alice, [bob, carol]);
      const foe = await house.person('foe');
      await alice.call('members.add', { conversationId: group.id, userIds: [foe.id] });
      await block(foe, bob);
      house.told.length = 0;
      await type(bob, group);
      expect(told()).toEqual([
        {
          event: 'typing',
          to: { kind: 'watchers', conversationId: group.id, except: [bob.id, foe.id], lossy: true },
          payload: expect.objectContaining({ userId: bob.id, isTyping: true, expiresAt: new Date(now + 6_000).toISOString() }),
        },
      ]);
    });

    it('is throttled, and may begin again', async () => {
      const group = await openGroup(alice, [bob]);
      house.told.length = 0;
      for (let strokes = 0; strokes < 20; strokes += 1) {
        await type(bob, group);
        now += 200;
      }
      expect(told()).toHaveLength(2);
      await type(bob, group, false);
      await type(bob, group, false);
      await type(bob, group);
      expect(told().map(({ payload }) => payload['isTyping'])).toEqual([true, true, false]);
      now += 1_000;
      await type(bob, group);
      expect(told()).toHaveLength(4);
    });

    it('is for members who may post; nobody is told of a block', async () => {
      const group = await openGroup(alice, [bob], { settings: { announcementsOnly: true } });
      for (const person of [outsider, stranger]) expect(await refusal(type(person, group))).toBe('CONVERSATION_NOT_FOUND');
      const [dan, eve] = [await house.person('dan'), await house.person('eve')];
      const direct = await openDirect(dan, eve);
      await block(dan, eve);
      house.told.length = 0;
      await type(bob, group);
      await type(eve, direct);
      await type(dan, direct);
      expect(told()).toEqual([]);
    });
  });
}
