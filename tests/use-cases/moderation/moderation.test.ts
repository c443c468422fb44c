import { restoreUser, suspendUser } from '@coucou/application/accounts/administer-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { deleteWord, listAllWords, putWord } from '@coucou/application/moderation/administer-words';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { WordAction } from '@coucou/domain/moderation/word-list';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { actionsOn } from '../../support/audit-log.ts';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** Reports, word lists and suspension, on any database. */
let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, carol] = [await app.person('alice'), await app.person('bob'), await app.person('carol')];
});
afterAll(() => app.close());

describe('a report', () => {
  const stored = (id: string) => app.sql('select * from report where id = $1', [id]);

  it('keeps what was said, whatever becomes of it', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'outrageous');
    const report = await bob.call('reports.create', { messageId: message.id, reason: 'rude' });
    expect(report).toMatchObject({ messageId: message.id, userId: alice.id, reason: 'rude' });
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    const [row] = await stored(report.id);
    expect(row).toMatchObject({
      reporter_id: bob.id,
      user_id: alice.id,
      status: 'open',
      snapshot: { content: 'outrageous', type: 'text' },
    });
  });

  it('is the first one when it is made again', async () => {
    const message = await send(alice, await openGroup(alice, [bob]), 'again');
    const first = await bob.call('reports.create', { messageId: message.id, reason: 'one' });
    expect(await bob.call('reports.create', { messageId: message.id, reason: 'two' })).toEqual(first);
    const person = await bob.call('reports.create', { userId: alice.id, reason: 'one' });
    expect(await bob.call('reports.create', { userId: alice.id, reason: 'two' })).toEqual(person);
    expect(person.id).not.toBe(first.id);
    expect(await carol.call('reports.create', { userId: alice.id, reason: 'three' })).toMatchObject({ reason: 'three' });
  });

  it('is stored once by twenty at a time', async () => {
    const message = await send(alice, await openGroup(alice, [bob]), 'many at once');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => bob.call('reports.create', { messageId: message.id, reason: 'spam' })),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  });

  it('takes only what the reporter can see', async () => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const message = await send(alice, group, 'private');
    const report = (who: Caller, input: object) => refusal(who.call('reports.create', { reason: 'x', ...input }));
    expect(await report(carol, { messageId: message.id })).toBe('MESSAGE_NOT_FOUND');
    await alice.call('members.add', { conversationId: group.id, userIds: [carol.id] });
    expect(await report(carol, { messageId: message.id })).toBe('MESSAGE_NOT_FOUND');
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect(await report(bob, { messageId: message.id })).toBe('MESSAGE_NOT_FOUND');
    const other = await app.account();
    const mallory = await app.person('mallory', other);
    expect(await report(mallory, { messageId: message.id })).toBe('MESSAGE_NOT_FOUND');
    expect(await report(mallory, { userId: alice.id })).toBe('USER_NOT_FOUND');
    expect(await report(mallory, { userId: message.id })).toBe('USER_NOT_FOUND');
  });

  it('does not take what the reporter hid, or what is deleted, or themself', async () => {
    const group = await openGroup(alice, [bob]);
    const [hidden, deleted] = [await send(alice, group, 'hidden'), await send(alice, group, 'deleted')];
    await bob.call('messages.delete', { messageId: hidden.id, for: 'me' });
    await alice.call('messages.delete', { messageId: deleted.id, for: 'everyone' });
    for (const { id } of [hidden, deleted])
      expect(await refusal(bob.call('reports.create', { messageId: id, reason: 'x' }))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(bob.call('reports.create', { userId: bob.id, reason: 'x' }))).toBe('VALIDATION_FAILED');
  });

  it('finds whoever one blocked oneself, and nobody by whom one is blocked', async () => {
    const [dan, erin] = [await app.person('dan'), await app.person('erin')];
    await dan.call('blocks.put', { userId: erin.id });
    expect(await dan.call('reports.create', { userId: erin.id, reason: 'x' })).toMatchObject({ userId: erin.id });
    expect(await refusal(erin.call('reports.create', { userId: dan.id, reason: 'x' }))).toBe('USER_NOT_FOUND');
  });

  it.each([
    ['neither', { reason: 'x' }],
    ['no reason', { userId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f' }],
    ['a blank reason', { userId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f', reason: '' }],
    ['10 KB of reason', { userId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f', reason: 'x'.repeat(10_240) }],
    ['both', { userId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f', messageId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f', reason: 'x' }],
  ])('with %s is refused', async (_, input) => {
    expect(await refusal(bob.call('reports.create', input))).toBe('VALIDATION_FAILED');
  });
});

describe('a word list', () => {
  const put = (account: AccountId, word: string, action: WordAction) => app.run(putWord, { word, action }, operatorCall(account));
  /** Past what is cached. */
  const later = async (work: () => Promise<void>) => {
    const now = performance.now() + 60_000;
    vi.spyOn(performance, 'now').mockReturnValue(now);
    await work();
  };

  it('masks, refuses, and holds for one account only', async () => {
    const account = await app.account();
    const [trent, victor] = [await app.person('trent', account), await app.person('victor', account)];
    expect(await put(account, ' DARN! ', 'mask')).toEqual({ word: 'darn', action: 'mask' });
    await put(account, 'heck', 'mask');
    await put(account, 'heck', 'reject');
    expect(await actionsOn(app, account, account)).toEqual(['word_listed', 'word_listed', 'word_listed']);
    expect(await app.run(listAllWords, {}, operatorCall(account))).toEqual([
      { word: 'darn', action: 'mask' },
      { word: 'heck', action: 'reject' },
    ]);
    const direct = await openDirect(trent, victor);
    const clientMessageId = '0190a000-0000-7000-8000-000000000001';
    const message = await send(trent, direct, 'Darn it, darning', { clientMessageId });
    expect(message.content).toBe('**** it, darning');
    // A resend is compared with what was sent, not with what became of it.
    expect(await send(trent, direct, 'Darn it, darning', { clientMessageId })).toMatchObject({
      id: message.id,
      content: '**** it, darning',
    });
    expect(await refusal(send(trent, direct, 'what the HECK'))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(trent.call('messages.edit', { messageId: message.id, content: 'heck' }))).toBe('POSTING_NOT_ALLOWED');
    expect(await trent.call('messages.edit', { messageId: message.id, content: 'darn again' })).toMatchObject({ content: '**** again' });
    expect(await send(alice, await openGroup(alice, [bob]), 'darn, heck')).toMatchObject({ content: 'darn, heck' });

    await app.run(deleteWord, { word: 'Heck' }, operatorCall(account));
    expect(await refusal(app.run(deleteWord, { word: 'heck' }, operatorCall(account)))).toBe('LISTED_WORD_NOT_FOUND');
    await later(async () => expect(await send(trent, direct, 'heck')).toMatchObject({ content: 'heck' }));
  });

  it('takes no word without a letter, and none too long', async () => {
    for (const word of ['', '  ', '!?', 'x'.repeat(65)]) expect(await refusal(put(alice.account, word, 'mask'))).toBe('VALIDATION_FAILED');
  });
});

describe('a suspended person', () => {
  it('neither signs in nor refreshes nor posts, until it is lifted', async () => {
    const username = `mallory${Date.now() % 1e9}`;
    const password = 'a long enough password';
    const session = await alice.call('auth.signup', { username, email: `${username}@example.com`, password });
    const mallory = app.as(session.user.id);
    const group = await openGroup(alice, [mallory]);
    const message = await send(mallory, group, 'before');

    for (let times = 0; times < 2; times += 1) await app.run(suspendUser, { userId: mallory.id }, operatorCall(alice.account));
    expect(await refusal(alice.call('auth.login', { username, password }))).toBe('USER_SUSPENDED');
    expect(await refusal(alice.call('auth.login', { username, password: 'not this one' }))).toBe('INVALID_CREDENTIALS');
    expect(await refusal(alice.call('auth.refresh', { refreshToken: session.refreshToken }))).toBe('USER_SUSPENDED');
    // What their node had cached still allows it: the append does not.
    expect(await refusal(send(mallory, group, 'after'))).toBe('USER_SUSPENDED');
    expect(await refusal(mallory.call('messages.edit', { messageId: message.id, content: 'after' }))).toBe('USER_SUSPENDED');
    expect((await alice.call('messages.list', { conversationId: group.id })).items.map(({ content }: Payload) => content)).toEqual([
      'before',
    ]);

    await app.run(restoreUser, { userId: mallory.id }, operatorCall(alice.account));
    expect(await alice.call('auth.login', { username, password })).toMatchObject({ user: { id: mallory.id } });
    expect(await alice.call('auth.refresh', { refreshToken: session.refreshToken })).toMatchObject({ user: { id: mallory.id } });
    expect(await send(mallory, group, 'back')).toMatchObject({ content: 'back' });
  });

  it('is looked for in one account only', async () => {
    const other = await app.account();
    const username = `trent${Date.now() % 1e9}`;
    const { user } = await alice.call('auth.signup', { username, email: `${username}@example.com`, password: 'a long enough password' });
    expect(await refusal(app.run(suspendUser, { userId: user.id }, operatorCall(other)))).toBe('USER_NOT_FOUND');
  });
});
