import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { about, openDirect, openGroup, refusal, send, versionsToRoom } from '../../../tests/use-cases/calls.ts';
import { close, counts, createPoll, get, vote } from './polls.ts';

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
beforeEach(() => {
  app.time.now = undefined;
  app.told.length = 0;
});
afterAll(() => app.close());

const updates = (conversation: { id: string }) => about(app, conversation).filter(({ event }) => event === 'message:updated');
const voters = async (from: Caller, poll: { id: string }, optionId: string, more: object = {}) =>
  from.call('polls.voters', { pollId: poll.id, optionId, ...more });

describe('a vote', () => {
  it('is one version and one event, the same for everybody; whose choice it is stays in the answer', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await createPoll(alice, group);
    app.told.length = 0;
    const answer = await vote(bob, message, '2');
    expect(answer).toMatchObject({ messageId: message.id, conversationId: group.id, version: message.version + 1, choice: ['2'] });
    expect(counts(answer)).toEqual([0, 1]);
    expect(updates(group)).toMatchObject([
      { to: { kind: 'conversation' }, payload: { version: message.version + 1, message: { id: message.id, poll: answer.poll } } },
    ]);
    expect(JSON.stringify(updates(group))).not.toContain('choice');
    expect(JSON.stringify(updates(group))).not.toContain(bob.id);
    expect(await get(bob, message)).toEqual(answer);
    expect(await get(carol, message)).toEqual({ ...answer, choice: [] });
  });

  it('is changed and withdrawn by the same call, and changes nothing when it is repeated', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group);
    const seen: [number, number[]][] = [];
    for (const options of [['1'], ['1'], ['2'], [], []]) {
      const answer = await vote(bob, message, ...options);
      expect(answer.choice).toEqual(options);
      seen.push([answer.version - message.version, counts(answer)]);
    }
    expect(seen).toEqual([
      [1, [1, 0]],
      [1, [1, 0]],
      [2, [0, 1]],
      [3, [0, 0]],
      [3, [0, 0]],
    ]);
    expect(updates(group)).toHaveLength(3);
    expect(await app.sql('select from poll_vote where poll_id = $1', [message.id])).toEqual([]);
  });

  it('is for several options where the poll takes several', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group, { options: ['a', 'b', 'c'], multiple: true });
    expect(counts(await vote(bob, message, '3', '1', '3'))).toEqual([1, 0, 1]);
    expect(await vote(bob, message, '2', '3')).toMatchObject({ choice: ['2', '3'] });
    expect(counts(await vote(alice, message, '3'))).toEqual([0, 1, 2]);
  });

  it('is refused for what is no choice', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group);
    expect(await refusal(vote(bob, message, '1', '2'))).toBe('POLL_CHOICE_INVALID');
    expect(await refusal(vote(bob, message, '3'))).toBe('POLL_CHOICE_INVALID');
    expect(await refusal(vote(bob, message, ''))).toBe('VALIDATION_FAILED');
    expect(await refusal(bob.call('polls.vote', { pollId: message.id }))).toBe('VALIDATION_FAILED');
  });

  it('×20 at once takes 20 versions without a gap and is counted 20 times', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, (_, index) => app.person(`voter${index}`)));
    const group = await openGroup(alice, people);
    const message = await createPoll(alice, group);
    app.told.length = 0;
    const answers = await Promise.all(people.map((person, index) => vote(person, message, index % 4 === 0 ? '1' : '2')));
    const expected = Array.from({ length: 20 }, (_, index) => message.version + 1 + index);
    expect(answers.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(expected);
    expect(versionsToRoom(app, group).toSorted((a, b) => a - b)).toEqual(expected);
    expect(counts(await get(alice, message))).toEqual([5, 15]);
    for (const { payload } of updates(group)) {
      const { version, poll } = payload['message'];
      expect(poll.options.reduce((sum: number, { votes }: Payload) => sum + votes, 0)).toBe(version - message.version);
    }
  });

  it('of one person ×20 at once is one vote', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group);
    await Promise.all(Array.from({ length: 20 }, (_, index) => vote(bob, message, String(1 + (index % 2)))));
    expect(counts(await get(bob, message)).toSorted()).toEqual([0, 1]);
    expect(await app.sql('select from poll_vote where poll_id = $1', [message.id])).toHaveLength(1);
  });

  it('stays counted when whoever gave it leaves', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group);
    await vote(bob, message, '1');
    await bob.call('conversations.leave', { conversationId: group.id });
    expect(counts(await get(alice, message))).toEqual([1, 0]);
    expect((await voters(alice, message, '1')).items).toEqual([{ userId: bob.id }]);
    await alice.call('members.add', { conversationId: group.id, userIds: [bob.id] });
    expect(await get(bob, message)).toMatchObject({ choice: ['1'] });
  });

  it('is refused as a reaction is: to the suspended and the blocked; the muted may vote', async () => {
    const group = await openGroup(alice, [carol]);
    const message = await createPoll(alice, group);
    await alice.call('members.update', {
      conversationId: group.id,
      userId: carol.id,
      mutedUntil: new Date(Date.now() + 600_000).toISOString(),
    });
    expect(counts(await vote(carol, message, '1'))).toEqual([1, 0]);

    const [eve, frank] = [await app.person('eve'), await app.person('frank')];
    const direct = await openDirect(eve, frank);
    const between = await createPoll(eve, direct);
    await frank.call('blocks.put', { userId: eve.id });
    expect(await refusal(vote(eve, between, '1'))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(vote(frank, between, '1'))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(close(eve, between))).toBe('POSTING_NOT_ALLOWED');
  });
});

describe('who sees a poll', () => {
  it('is whoever sees its message; to all others it is not there', async () => {
    const group = await openGroup(alice, [bob, carol], { settings: { history: 'joined' } });
    const message = await createPoll(alice, group);
    const plain = await send(alice, group, 'no poll');
    await alice.call('members.remove', { conversationId: group.id, userId: carol.id });
    const late = await app.person('late');
    await alice.call('members.add', { conversationId: group.id, userIds: [late.id] });
    await bob.call('messages.delete', { messageId: message.id, for: 'me' });
    const unseen = [outsider, stranger, carol, late, bob].map((person) => [person, message] as const);
    const absent = [
      [alice, plain],
      [alice, { id: randomUUID() }],
    ] as const;
    for (const [person, poll] of [...unseen, ...absent])
      for (const ask of [
        get,
        close,
        (who: Caller, which: { id: string }) => vote(who, which, '1'),
        (who: Caller, which: { id: string }) => voters(who, which, '1'),
      ])
        expect(await refusal(ask(person, poll))).toBe('POLL_NOT_FOUND');
    expect(counts(await get(alice, message))).toEqual([0, 0]);
  });

  it('learns of a vote without its words where some member may not see the message', async () => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const message = await createPoll(alice, group);
    await alice.call('members.add', { conversationId: group.id, userIds: [carol.id] });
    app.told.length = 0;
    const { version } = await vote(bob, message, '1');
    const [told] = updates(group);
    expect(told?.payload).toEqual({ at: told?.payload['at'], conversationId: group.id, version });
  });
});

describe('voters', () => {
  it('are listed by option, page by page', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, (_, index) => app.person(`voter${index}`)));
    const group = await openGroup(alice, people);
    const message = await createPoll(alice, group);
    for (const person of people) await vote(person, message, '1');
    await vote(alice, message, '2');
    const first = await voters(alice, message, '1', { limit: 3 });
    const second = await voters(alice, message, '1', { limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ userId }: Payload) => userId)).toEqual(people.map(({ id }) => id).toSorted());
    expect([first.items.length, second.nextCursor]).toEqual([3, null]);
    expect(await refusal(voters(alice, message, '3'))).toBe('POLL_CHOICE_INVALID');
    expect(await refusal(voters(alice, message, '1', { cursor: 'made-up' }))).toBe('CURSOR_INVALID');
  });

  it('of an anonymous poll are nobody’s to see, and still have one vote each', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await createPoll(alice, group, { anonymous: true });
    app.told.length = 0;
    await vote(bob, message, '1');
    expect(await vote(bob, message, '2')).toMatchObject({ choice: ['2'] });
    for (const person of [alice, bob, carol]) expect(await refusal(voters(person, message, '2'))).toBe('POLL_ANONYMOUS');
    expect(counts(await get(alice, message))).toEqual([0, 1]);
    const others = [await get(carol, message), await carol.call('messages.get', { messageId: message.id }), updates(group)];
    expect(JSON.stringify(others)).not.toContain(bob.id);
  });
});

describe('closing', () => {
  it('is one version and one event, for good; again changes nothing', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await createPoll(bob, group);
    await vote(carol, message, '1');
    app.told.length = 0;
    expect(await refusal(close(carol, message))).toBe('FORBIDDEN');
    const closed = await close(bob, message);
    expect(closed).toMatchObject({ version: message.version + 2, poll: { closed: true }, choice: [] });
    expect(await close(alice, message)).toEqual(closed);
    expect(updates(group).map(({ payload }) => payload['message'].poll)).toEqual([closed.poll]);
    expect(await refusal(vote(carol, message, '2'))).toBe('POLL_CLOSED');
    expect(await refusal(vote(carol, message))).toBe('POLL_CLOSED');
    expect(await get(carol, message)).toMatchObject({ choice: ['1'], poll: { closed: true } });
  });

  it('is for moderators too, and in a direct conversation for whoever made it', async () => {
    const group = await openGroup(alice, [bob, carol]);
    await alice.call('members.update', { conversationId: group.id, userId: carol.id, role: 'moderator' });
    expect(await close(carol, await createPoll(bob, group))).toMatchObject({ poll: { closed: true } });
    const direct = await openDirect(alice, bob);
    const poll = await createPoll(alice, direct);
    expect(await refusal(close(bob, poll))).toBe('FORBIDDEN');
    expect(await close(alice, poll)).toMatchObject({ poll: { closed: true } });
  });

  it('happens by itself at its time, once, and no vote comes in between', async () => {
    const group = await openGroup(alice, [bob]);
    const now = new Date();
    // The poll is made a minute ago, to close half a minute ago: the outbox goes by the clock of the database.
    app.time.now = new Date(now.getTime() - 60_000);
    const message = await createPoll(alice, group, { closesAt: new Date(now.getTime() - 30_000).toISOString() });
    await vote(bob, message, '1');
    app.told.length = 0;
    app.time.now = now;
    expect(await refusal(vote(bob, message, '2'))).toBe('POLL_CLOSED');
    await app.settled();
    expect(updates(group)).toMatchObject([{ payload: { version: message.version + 2, message: { poll: { closed: true } } } }]);
    expect(await close(alice, message)).toMatchObject({ version: message.version + 2 });
  });

  it('by time waits for it, and harms none that is closed or gone by then', async () => {
    const group = await openGroup(alice, [bob]);
    const later = await createPoll(alice, group, { closesAt: new Date(Date.now() + 3_600_000).toISOString() });
    const now = new Date();
    app.time.now = new Date(now.getTime() - 60_000);
    const closesAt = new Date(now.getTime() - 30_000).toISOString();
    const [closed, gone] = [await createPoll(alice, group, { closesAt }), await createPoll(alice, group, { closesAt })];
    await close(alice, closed);
    await alice.call('messages.delete', { messageId: gone.id, for: 'everyone' });
    app.told.length = 0;
    await app.settled();
    expect(updates(group)).toEqual([]);
    expect(await get(alice, later)).toMatchObject({ poll: { closed: false } });
  });
});

it('a suspended person neither votes nor closes', async () => {
  const group = await openGroup(alice, [bob]);
  const message = await createPoll(bob, group);
  await app.uow.write(bob.account, (tx) => tx.suspensions.set(bob.id, true));
  expect(await refusal(vote(bob, message, '1'))).toBe('USER_SUSPENDED');
  expect(await refusal(close(bob, message))).toBe('USER_SUSPENDED');
});
