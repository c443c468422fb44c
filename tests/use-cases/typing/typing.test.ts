import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal } from '../calls.ts';

/** Who is told that somebody types. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
let outsider: Caller;
let stranger: Caller;
beforeAll(async () => {
  app = await openTestApp();
  app.time.now = new Date();
  [alice, bob, carol, outsider] = await Promise.all([app.person('alice'), app.person('bob'), app.person('carol'), app.person('dan')]);
  stranger = await app.person('stranger', await app.account());
});
afterAll(() => app.close());

const block = (blocker: Caller, blocked: Caller) =>
  app.sql('insert into block (account_id, blocker_id, blocked_id, created_at) values ($1, $2, $3, now())', [
    blocker.account,
    blocker.id,
    blocked.id,
  ]);

const now = () => app.time.now ?? new Date();
const advance = (ms: number) => (app.time.now = new Date(now().getTime() + ms));
const in6s = () => new Date(now().getTime() + 6_000).toISOString();

describe('typing', () => {
  const type = (person: Caller, group: { id: string }, isTyping = true) =>
    person.call('typing.set', { conversationId: group.id, isTyping });
  const told = () => app.told.filter(({ event }) => event === 'typing');

  it('is told to every member, but oneself and those with a block between', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const foe = await app.person('foe');
    await alice.call('members.add', { conversationId: group.id, userIds: [foe.id] });
    await block(foe, bob);
    app.told.length = 0;
    await type(bob, group);
    expect(told()).toEqual([
      {
        event: 'typing',
        to: { kind: 'members', conversationId: group.id, except: [bob.id, foe.id], accessVersion: expect.any(Number) },
        payload: expect.objectContaining({ userId: bob.id, isTyping: true, expiresAt: in6s() }),
      },
    ]);
  });

  it('is told to all in a direct conversation and in a group of up to 50, and in a larger one to those who watch', async () => {
    const sized = async (memberCount: number) => {
      const group = await openGroup(alice, [bob]);
      await app.sql('update conversation set member_count = $2 where id = $1', [group.id, memberCount]);
      return group;
    };
    app.told.length = 0;
    for (const group of [await openDirect(alice, bob), await sized(50), await sized(51)]) await type(bob, group);
    expect(told().map(({ to }) => to['kind'])).toEqual(['members', 'members', 'watchers']);
  });

  describe('when a message of the typist is sent', () => {
    const send = (person: Caller, group: { id: string }, more = {}) =>
      person.call('messages.send', { conversationId: group.id, content: 'there', ...more });

    it('ends with it, for those it was shown to, and may begin again at once', async () => {
      const group = await openGroup(alice, [bob, carol]);
      await type(bob, group);
      app.told.length = 0;
      advance(500);
      await send(bob, group);
      const seen = app.told.filter(({ event }) => event === 'typing' || event === 'message:new');
      expect(seen).toMatchObject([
        {
          event: 'typing',
          to: { kind: 'members', except: [bob.id] },
          payload: { userId: bob.id, isTyping: false, expiresAt: now().toISOString() },
        },
        { event: 'message:new' },
      ]);
      await type(bob, group, false);
      expect(told()).toHaveLength(1);
      await type(bob, group);
      expect(told().map(({ payload }) => payload['isTyping'])).toEqual([false, true]);
    });

    it('ends by any message of theirs there: a resend, somebody else’s and one elsewhere end nothing', async () => {
      const [group, other] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
      const clientMessageId = randomUUID();
      const first = await send(bob, group, { clientMessageId });
      await type(bob, group);
      app.told.length = 0;
      await send(bob, group, { clientMessageId });
      await send(alice, group);
      await send(bob, other);
      expect(told()).toEqual([]);
      await bob.call('forwards.create', { messageId: first.id, conversationIds: [group.id] });
      expect(told()).toMatchObject([{ payload: { userId: bob.id, isTyping: false } }]);
    });

    it('is told nothing of when it had expired, or was ended already', async () => {
      const group = await openGroup(alice, [bob]);
      await type(bob, group);
      advance(6_001);
      await type(alice, group);
      await type(alice, group, false);
      app.told.length = 0;
      await send(bob, group);
      await send(alice, group);
      expect(told()).toEqual([]);
    });
  });

  it('is throttled, and may begin again', async () => {
    const group = await openGroup(alice, [bob]);
    app.told.length = 0;
    for (let strokes = 0; strokes < 20; strokes += 1) {
      await type(bob, group);
      advance(200);
    }
    expect(told()).toHaveLength(2);
    await type(bob, group, false);
    await type(bob, group, false);
    await type(bob, group);
    expect(told().map(({ payload }) => payload['isTyping'])).toEqual([true, true, false]);
    advance(1_000);
    await type(bob, group);
    expect(told()).toHaveLength(4);
  });

  it('is for members who may post; nobody is told of a block', async () => {
    const group = await openGroup(alice, [bob], { settings: { announcementsOnly: true } });
    for (const person of [outsider, stranger]) expect(await refusal(type(person, group))).toBe('CONVERSATION_NOT_FOUND');
    const [dan, eve] = [await app.person('dan'), await app.person('eve')];
    const direct = await openDirect(dan, eve);
    await block(dan, eve);
    app.told.length = 0;
    await type(bob, group);
    await type(eve, direct);
    await type(dan, direct);
    expect(told()).toEqual([]);
  });
});
