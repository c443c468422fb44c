import { expireMessages } from '@coucou/application/messages/expire-messages';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openDirect, openGroup, send } from '../../../tests/use-cases/calls.ts';
import { feedOf, inHours, itemsOf, remove, save } from './saved.ts';

let app: TestApp;
let alice: Caller;
let bob: Caller;
let group: Payload;
let message: Payload;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(async () => {
  app.time.now = undefined;
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
  group = await openGroup(alice, [bob]);
  message = await send(alice, group, 'do not forget');
  await app.settled();
  app.told.length = 0;
});
afterAll(() => app.close());

const reminders = async (who: Caller): Promise<Payload[]> =>
  (await who.call('notifications.list')).items.filter(({ kind }: Payload) => kind === 'reminder');
const liveTo = (who: Caller, event: string) =>
  app.told.filter((told) => told.event === event && told.to['userId'] === who.id).map(({ payload }) => payload);

/** The time of every reminder so far has come. */
async function due(): Promise<void> {
  await app.settled();
  await app.dueNow();
  await app.settled();
}

async function expectNone(who: Caller): Promise<void> {
  await due();
  expect(await reminders(who)).toEqual([]);
  expect(liveTo(who, 'notification:new').filter(({ notification }) => notification.kind === 'reminder')).toEqual([]);
}

describe('a reminder', () => {
  it('comes at its time: a notification, live, in the feed, where the person wants to be reached, and in the list', async () => {
    const remindAt = inHours(1);
    const saved = await save(bob, message, { remindAt, note: 'call back' });
    await app.settled();
    expect(await reminders(bob)).toEqual([]);
    app.time.now = new Date(remindAt);
    await due();
    const [notification, ...more] = await reminders(bob);
    expect(more).toEqual([]);
    expect(notification).toEqual({
      id: expect.any(String),
      kind: 'reminder',
      actorId: bob.id,
      conversationId: group.id,
      messageId: message.id,
      seq: message.seq,
      createdAt: remindAt,
    });
    expect(liveTo(bob, 'notification:new').map((payload) => payload['notification'])).toEqual([notification]);
    const reminded = { ...saved, remindedAt: remindAt };
    expect(feedOf(app, bob)).toEqual([
      ['saved_message.updated', saved],
      ['saved_message.updated', reminded],
    ]);
    expect(await itemsOf(bob)).toEqual([{ ...reminded, message }]);
    expect(liveTo(alice, 'notification:new')).toEqual([]);
    expect(await reminders(alice)).toEqual([]);
  });

  it('comes once, however often its event is delivered', async () => {
    const remindAt = inHours(1);
    await save(bob, message, { remindAt });
    await due();
    const payload = JSON.stringify({ userId: bob.id, messageId: message.id, remindAt });
    await app.sql(
      `insert into outbox (account_id, id, type, payload) values ($1, gen_random_uuid(), 'savedMessages.reminderDue', $2::jsonb)`,
      [bob.account, payload],
    );
    const before = feedOf(app, bob).length;
    await due();
    expect(await reminders(bob)).toHaveLength(1);
    expect(liveTo(bob, 'notification:new')).toHaveLength(1);
    expect(feedOf(app, bob)).toHaveLength(before);
  });

  it('notifies each person at the time that they set', async () => {
    await save(bob, message, { remindAt: inHours(1) });
    await due();
    await save(alice, message, { remindAt: inHours(2) });
    await due();
    for (const who of [alice, bob]) expect(await reminders(who)).toHaveLength(1);
  });

  it('comes whatever is muted: one set it for oneself', async () => {
    const conversationId = group.id;
    await bob.call('membership.update', { conversationId, notify: 'none', mutedUntil: '2999-01-01T00:00:00.000Z', archived: true });
    await bob.call('preferences.put', { notifications: { push: false, email: false, mentionsOnly: true } });
    await save(bob, message, { remindAt: inHours(1) });
    await due();
    expect(await reminders(bob)).toHaveLength(1);
  });

  it('comes across a block too, of what can still be read', async () => {
    const direct = await openDirect(alice, bob);
    const between = await send(alice, direct, 'before the block');
    await save(bob, between, { remindAt: inHours(1) });
    await bob.call('blocks.put', { userId: alice.id });
    await due();
    expect(await reminders(bob)).toHaveLength(1);
  });

  it('that was moved comes at the last time alone', async () => {
    const [first, second] = [inHours(1), inHours(2)];
    await save(bob, message, { remindAt: first });
    await save(bob, message, { remindAt: second });
    await save(bob, message, { remindAt: first });
    await save(bob, message, { remindAt: second });
    app.time.now = new Date(second);
    await due();
    expect((await reminders(bob)).map(({ createdAt }) => createdAt)).toEqual([second]);
  });

  it('that was given can be set again: another notification takes the place of the first', async () => {
    await save(bob, message, { remindAt: inHours(1) });
    await due();
    const [first] = await reminders(bob);
    expect(await save(bob, message, { remindAt: inHours(2) })).not.toHaveProperty('remindedAt');
    expect(await reminders(bob)).toEqual([]);
    const removed = liveTo(bob, 'user:event').filter((payload) => payload['kind'] === 'notification.removed');
    expect(removed.map(({ payload }) => payload)).toEqual([{ notificationId: first?.id }]);
    await due();
    const [second, ...more] = await reminders(bob);
    expect(more).toEqual([]);
    expect(second?.id).not.toBe(first?.id);
  });

  it('is refused for a time that was given already only as long as it is another', async () => {
    const remindAt = inHours(1);
    const saved = await save(bob, message, { remindAt });
    app.time.now = new Date(Date.parse(remindAt) + 1_000);
    await due();
    expect(await save(bob, message, { remindAt, note: 'late' })).toEqual({
      ...saved,
      note: 'late',
      remindedAt: app.time.now.toISOString(),
    });
    expect(await reminders(bob)).toHaveLength(1);
  });
});

type Change = () => Promise<unknown>;
const changes: readonly (readonly [string, Change])[] = [
  ['was taken back', () => save(bob, message, { remindAt: null })],
  ['went with what was saved', () => remove(bob, message)],
  ['is of a message that was deleted', () => alice.call('messages.delete', { messageId: message.id, for: 'everyone' })],
  ['is of a message that the person hid', () => bob.call('messages.delete', { messageId: message.id, for: 'me' })],
  ['is of a group that they left', () => bob.call('conversations.leave', { conversationId: group.id })],
  ['is of a group that was deleted', () => alice.call('conversations.delete', { conversationId: group.id })],
  ['is of somebody who is suspended', () => app.uow.write(bob.account, (tx) => tx.suspensions.set(bob.id, true))],
];

describe('a reminder that', () => {
  it.each(changes)('%s does not come', async (_, change) => {
    await save(bob, message, { remindAt: inHours(1) });
    await change();
    await expectNone(bob);
  });

  it('is of an expired message does not come', async () => {
    const expiring = await send(alice, group, 'soon gone', { expiresInSeconds: 60 });
    await save(bob, expiring, { remindAt: inHours(1) });
    const expired = { id: 'an event', account: bob.account, type: 'message.expires', conversationId: group.id, messageId: expiring.id };
    await expireMessages.run(app.container.portsOf(expireMessages.deps), [expired]);
    await expectNone(bob);
  });

  it('is of a suspended account does not come', async () => {
    const account = await app.account();
    const [erin, frank] = [await app.person('erin', account), await app.person('frank', account)];
    const theirs = await send(erin, await openGroup(erin, [frank]), 'do not forget');
    await save(frank, theirs, { remindAt: inHours(1) });
    await app.uow.system('accounts', (tx) => tx.suspendAccount(account, true));
    await expectNone(frank);
    expect((await itemsOf(frank))[0]).not.toHaveProperty('remindedAt');
  });
});

describe('the notification of a reminder', () => {
  beforeEach(async () => {
    await save(bob, message, { remindAt: inHours(1) });
    await due();
  });

  it('stays when the message is edited and mentions others', async () => {
    await alice.call('messages.edit', { messageId: message.id, content: 'bob, do not forget', mentions: [bob.id] });
    await app.settled();
    await alice.call('messages.edit', { messageId: message.id, content: 'do not forget', mentions: [] });
    await app.settled();
    expect((await bob.call('notifications.list')).items.map(({ kind }: Payload) => kind)).toEqual(['reminder', 'added']);
  });

  it.each<[string, Change]>([
    ['what was saved is removed', () => remove(bob, message)],
    ['the reminder is taken back', () => save(bob, message, { remindAt: null })],
    ['the message is deleted', () => alice.call('messages.delete', { messageId: message.id, for: 'everyone' })],
    ['the person hides the message', () => bob.call('messages.delete', { messageId: message.id, for: 'me' })],
    ['they leave', () => bob.call('conversations.leave', { conversationId: group.id })],
  ])('goes when %s', async (_, change) => {
    expect(await reminders(bob)).toHaveLength(1);
    await change();
    await app.settled();
    expect(await reminders(bob)).toEqual([]);
  });
});
