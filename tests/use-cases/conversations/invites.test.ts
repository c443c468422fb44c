import { randomUUID } from 'node:crypto';
import { Clock } from '@coucou/application/ports/clock';
import type { ChatError } from '@coucou/domain/kernel/errors';
import { override } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, versionsToRoom } from '../calls.ts';

/** What invites promise. */

let later = 0;
const clock: Clock = { now: () => new Date(Date.now() + later) };
let app: TestApp;
let alice: Caller;
let bob: Caller;
let dan: Caller;
let group: { id: string; version: number };
beforeAll(async () => {
  app = await openTestApp({ overrides: [override(Clock, clock)] });
});
afterAll(() => app.close());
/** alice owns, bob is a plain member, dan a stranger; new ones for each test, since guesses are counted. */
beforeEach(async () => {
  [alice, bob, dan] = (await Promise.all(['alice', 'bob', 'dan'].map((name) => app.person(name)))) as [Caller, Caller, Caller];
  group = await openGroup(alice, [bob]);
  app.told.length = 0;
});
const on = (more: object = {}) => ({ conversationId: group.id, ...more });

it('lets a stranger look, come, and be told to everyone', async () => {
  const invite = await alice.call('invites.create', on({ expiresInSeconds: 3_600, maxUses: 5 }));
  expect(invite).toMatchObject({ conversationId: group.id, createdBy: alice.id, uses: 0, maxUses: 5 });
  expect(invite.code).toMatch(/^[\w-]{16}$/);
  const preview = await dan.call('invites.preview', { code: invite.code });
  expect(preview).toEqual({
    code: invite.code,
    conversation: { id: group.id, title: 'A group', memberCount: 2 },
    inviter: expect.objectContaining({ id: alice.id }),
    isMember: false,
    expiresAt: invite.expiresAt,
  });
  expect(await dan.call('invites.accept', { code: invite.code })).toMatchObject({
    id: group.id,
    memberCount: 3,
    membership: { role: 'member' },
  });
  expect(app.told.map(({ event }) => event)).toEqual(['conversation:new', 'member:joined']);
  expect(await dan.call('invites.accept', { code: invite.code })).toMatchObject({ memberCount: 3 });
  expect(await dan.call('invites.preview', { code: invite.code })).toMatchObject({ isMember: true });
  expect((await alice.call('invites.list', on())).items).toMatchObject([{ code: invite.code, uses: 1 }]);
});

it('shows a member no inviter who left and blocked them', async () => {
  await alice.call('members.update', on({ userId: bob.id, role: 'owner' }));
  const { code } = await alice.call('invites.create', on());
  await alice.call('conversations.leave', on());
  expect(await bob.call('invites.preview', { code })).toMatchObject({ inviter: { id: alice.id }, isMember: true });
  await alice.call('blocks.put', { userId: bob.id });
  expect(await bob.call('invites.preview', { code })).not.toHaveProperty('inviter');
});

it('is for those who may invite, and not between two', async () => {
  const { code } = await alice.call('invites.create', on());
  const other = await app.person('other', await app.account());
  for (const [operation, input] of [
    ['invites.create', {}],
    ['invites.list', {}],
    ['invites.revoke', { code }],
    ['bans.list', {}],
  ] as const) {
    expect(await refusal(bob.call(operation, on(input)))).toBe('FORBIDDEN');
    for (const stranger of [dan, other]) expect(await refusal(stranger.call(operation, on(input)))).toBe('CONVERSATION_NOT_FOUND');
  }
  expect(await refusal(other.call('invites.accept', { code }))).toBe('INVITE_NOT_FOUND');
  const direct = await openDirect(alice, bob);
  expect(await refusal(alice.call('invites.create', { conversationId: direct.id }))).toBe('FORBIDDEN');
});

it('answers unknown, expired, revoked and impossible alike', async () => {
  const [expired, revoked] = [await alice.call('invites.create', on({ expiresInSeconds: 60 })), await alice.call('invites.create', on())];
  await alice.call('invites.revoke', on({ code: revoked.code }));
  expect(await refusal(alice.call('invites.revoke', on({ code: revoked.code })))).toBe('INVITE_NOT_FOUND');
  expect((await alice.call('invites.list', on())).items.map(({ code }: { code: string }) => code)).toEqual([expired.code]);
  later = 61_000;
  const answers = [];
  for (const code of [expired.code, revoked.code, 'AAAAAAAAAAAAAAAA', '%', "' or 1=1 --", '日本'])
    for (const operation of ['invites.preview', 'invites.accept'])
      answers.push(
        await dan
          .call(operation, { code })
          .catch((error: ChatError) => ({ code: error.code, message: error.message, details: error.details })),
      );
  later = 0;
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ code: 'INVITE_NOT_FOUND' });
});

it('revokes only what belongs to the conversation', async () => {
  const own = await openGroup(dan, []);
  const { code } = await alice.call('invites.create', on());
  expect(await refusal(dan.call('invites.revoke', { conversationId: own.id, code }))).toBe('INVITE_NOT_FOUND');
  expect(await dan.call('invites.preview', { code })).toMatchObject({ code });
});

it('with one use lets exactly one of twenty in', async () => {
  const { code } = await alice.call('invites.create', on({ maxUses: 1 }));
  const people = await Promise.all(Array.from({ length: 20 }, (_, i) => app.person(`guest${i}`)));
  const answers = await Promise.all(
    people.map((person) =>
      person.call('invites.accept', { code }).then(
        () => 'in',
        (error) => error.code,
      ),
    ),
  );
  expect(answers.filter((answer) => answer === 'in')).toHaveLength(1);
  expect(new Set(answers)).toEqual(new Set(['in', 'INVITE_EXHAUSTED']));
  expect(await alice.call('conversations.get', on())).toMatchObject({ memberCount: 3, version: group.version + 1 });
  expect(versionsToRoom(app, group)).toEqual([group.version + 1]);
  // Who is in needs no use.
  expect(await bob.call('invites.accept', { code })).toMatchObject({ id: group.id });
});

it('lets the two devices of one person in once', async () => {
  const { code } = await alice.call('invites.create', on({ maxUses: 2 }));
  await Promise.all([dan.call('invites.accept', { code }), dan.call('invites.accept', { code })]);
  expect((await alice.call('invites.list', on())).items).toMatchObject([{ uses: 1 }]);
  expect(await alice.call('conversations.get', on())).toMatchObject({ memberCount: 3 });
});

describe('guessing', () => {
  it('ends after twenty wrong codes, also when all are tried at once', async () => {
    const { code } = await alice.call('invites.create', on());
    const wrong = await Promise.all(Array.from({ length: 25 }, (_, i) => refusal(dan.call('invites.preview', { code: `wrong${i}` }))));
    expect(wrong.filter((answer) => answer === 'INVITE_NOT_FOUND').length).toBeLessThanOrEqual(20);
    const limited = await dan.call('invites.accept', { code }).catch((error: ChatError) => error);
    expect(limited).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 20, window: 600, retryAfterSeconds: expect.any(Number) } });
    expect(await bob.call('invites.preview', { code })).toMatchObject({ code });
  });

  it('counts an address for each account by itself', async () => {
    const other = await app.account();
    const guess = (who: Caller) => who.call('invites.preview', { code: randomUUID() }).catch((error: ChatError) => error.code);
    const guessers = await Promise.all(Array.from({ length: 6 }, (_, i) => app.person(`guesser${i}`, other)));
    const answers = await Promise.all(guessers.flatMap((who) => Array.from({ length: 20 }, () => guess(who))));
    expect(answers.filter((code) => code === 'INVITE_NOT_FOUND')).toHaveLength(100);
    expect(await guess(await app.person('late', other))).toBe('RATE_LIMITED');
    expect(await guess(dan)).toBe('INVITE_NOT_FOUND');
  });

  it('does not count right codes', async () => {
    const { code } = await alice.call('invites.create', on());
    for (let i = 0; i < 25; i += 1) await dan.call('invites.preview', { code });
    expect(await dan.call('invites.accept', { code })).toMatchObject({ id: group.id });
  });
});

it('lists by pages, the newest first', async () => {
  const codes: string[] = [];
  for (let i = 0; i < 5; i += 1) codes.unshift((await alice.call('invites.create', on())).code);
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await alice.call('invites.list', on({ limit: 2, ...(cursor ? { cursor } : {}) }));
    seen.push(...page.items.map((invite: { code: string }) => invite.code));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen.toSorted()).toEqual(codes.toSorted());
  expect(await refusal(alice.call('invites.list', on({ cursor: 'made-up' })))).toBe('CURSOR_INVALID');
});
