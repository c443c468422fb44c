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

  it('is told to those who watch, but oneself and those with a block between', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const foe = await app.person('foe');
    await alice.call('members.add', { conversationId: group.id, userIds: [foe.id] });
    await block(foe, bob);
    app.told.length = 0;
    await type(bob, group);
    expect(told()).toEqual([
      {
        event: 'typing',
        to: { kind: 'watchers', conversationId: group.id, except: [bob.id, foe.id], lossy: true },
        payload: expect.objectContaining({ userId: bob.id, isTyping: true, expiresAt: in6s() }),
      },
    ]);
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
