import { randomUUID } from 'node:crypto';
import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';
import { inHours, named, schedule } from './stage.ts';

/** Scheduled messages: what their author may do with them. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let outsider: Caller;
let stranger: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, outsider] = await Promise.all([app.person('alice'), app.person('bob'), app.person('dan')]);
  stranger = await app.person('stranger', await app.account());
});
afterAll(() => app.close());
beforeEach(() => {
  app.time.now = undefined;
});

const list = async (who: Caller, group: { id: string }) => (await who.call('scheduled.list', { conversationId: group.id })).items;
const detailsOf = (call: Promise<unknown>) => call.then(() => undefined).catch((error: { details: unknown }) => error.details);
const feed = () =>
  app.told
    .filter(({ event, payload }) => event === 'user:event' && payload['kind'] === 'scheduled.updated')
    .map(({ to, payload }) => [to['userId'], payload['payload'].state, payload['payload'].scheduledMessageId]);

describe('a scheduled message', () => {
  it('is kept with all that it says, for its author alone', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(bob, group, 'well?');
    const attachmentIds = [await app.attachment(alice)];
    const more = { replyToId: message.id, attachmentIds, mentions: [bob.id, '@all'], data: { a: 1 }, expiresInSeconds: 60 };
    app.told.length = 0;
    const scheduled = await schedule(alice, group, more);
    expect(scheduled).toMatchObject({ status: 'scheduled', senderId: alice.id, type: 'text', content: 'later', ...more });
    expect(scheduled).not.toHaveProperty('recurrence');
    expect(await alice.call('scheduled.get', named(scheduled))).toEqual(scheduled);
    expect(await list(alice, group)).toEqual([scheduled]);
    expect(feed()).toEqual([[alice.id, 'scheduled', scheduled.id]]);
    expect(app.told.every(({ to }) => to['userId'] === alice.id)).toBe(true);

    for (const other of [bob, outsider, stranger]) {
      expect(await list(other, group)).toEqual([]);
      expect(await refusal(other.call('scheduled.get', named(scheduled)))).toBe('SCHEDULED_MESSAGE_NOT_FOUND');
      const replaced = { ...named(scheduled), content: 'mine', sendAt: inHours(2) };
      expect(await refusal(other.call('scheduled.update', replaced))).toBe('SCHEDULED_MESSAGE_NOT_FOUND');
      await other.call('scheduled.delete', named(scheduled));
    }
    const elsewhere = await openGroup(alice);
    expect(await refusal(alice.call('scheduled.get', { ...named(scheduled), conversationId: elsewhere.id }))).toBe(
      'SCHEDULED_MESSAGE_NOT_FOUND',
    );
    expect(await alice.call('scheduled.get', named(scheduled))).toEqual(scheduled);
  });

  it('is replaced as a whole, and cancelled', async () => {
    const group = await openGroup(alice, [bob]);
    const scheduled = await schedule(alice, group, { mentions: [bob.id] });
    app.told.length = 0;
    const sendAt = inHours(2);
    const changed = await alice.call('scheduled.update', { ...named(scheduled), content: 'even later', sendAt });
    expect(changed).toMatchObject({ id: scheduled.id, content: 'even later', sendAt, createdAt: scheduled.createdAt });
    expect(changed).not.toHaveProperty('mentions');
    expect(await alice.call('scheduled.get', named(scheduled))).toEqual(changed);
    await alice.call('scheduled.delete', named(scheduled));
    await alice.call('scheduled.delete', named(scheduled));
    expect(await list(alice, group)).toEqual([]);
    expect(feed().map(([, state]) => state)).toEqual(['scheduled', 'deleted']);
    await app.dueNow();
    await app.settled();
    expect((await bob.call('messages.list', { conversationId: group.id })).items).toEqual([]);
  });

  it('is listed in the order of the times, in pages', async () => {
    const [one, two] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
    const person = await app.person('erin');
    for (const group of [one, two]) await alice.call('members.add', { conversationId: group.id, userIds: [person.id] });
    for (const [group, hours] of [
      [one, 3],
      [two, 1],
      [one, 2],
    ] as const)
      await schedule(person, group, { sendAt: inHours(hours), content: `${hours}` });
    const first = await person.call('scheduled.listAll', { limit: 2 });
    const rest = await person.call('scheduled.listAll', { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map(({ content }) => content)).toEqual(['1', '2', '3']);
    expect(rest.nextCursor).toBeNull();
    expect((await list(person, one)).map(({ content }: { content: string }) => content)).toEqual(['2', '3']);
    expect(await refusal(alice.call('scheduled.listAll', { cursor: first.nextCursor }))).toBe('CURSOR_INVALID');
  });

  it('is not taken where it could not be sent now', async () => {
    const group = await openGroup(alice, [bob], { settings: { announcementsOnly: true } });
    expect(await refusal(schedule(outsider, group))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(schedule(stranger, group))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(schedule(bob, group))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(schedule(alice, group, { mentions: [outsider.id] }))).toBe('MENTION_INVALID');
    expect(await refusal(schedule(alice, group, { attachmentIds: [await app.attachment(bob)] }))).toBe('ATTACHMENT_NOT_FOUND');
    expect(await refusal(schedule(alice, group, { replyToId: randomUUID() }))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(schedule(alice, group, { content: undefined }))).toBe('VALIDATION_FAILED');
    expect(await refusal(schedule(alice, group, { content: ' ' }))).toBe('VALIDATION_FAILED');
    expect(await list(alice, group)).toEqual([]);
  });

  it('has a time that is not past, but for what clocks differ by, and within a year', async () => {
    const group = await openGroup(alice);
    for (const hours of [-1, -0.02, 367 * 24])
      expect(await refusal(schedule(alice, group, { sendAt: inHours(hours) }))).toBe('SEND_AT_INVALID');
    expect(await schedule(alice, group, { sendAt: inHours(-0.01) })).toMatchObject({ status: 'scheduled' });
    expect(await schedule(alice, group, { sendAt: inHours(365 * 24) })).toMatchObject({ status: 'scheduled' });
    for (const sendAt of ['tomorrow', '2026-13-01T00:00:00Z', 1_800_000_000_000, null])
      expect(await refusal(schedule(alice, group, { sendAt }))).toBe('VALIDATION_FAILED');
  });

  it.each([
    [{ rrule: 'FREQ=SECONDLY', timeZone: 'UTC' }, 'RECURRENCE_TOO_FREQUENT', { atLeastSeconds: 900 }],
    [{ rrule: 'FREQ=MINUTELY;INTERVAL=60', timeZone: 'UTC' }, 'RECURRENCE_TOO_FREQUENT', { atLeastSeconds: 900 }],
    [{ rrule: 'FREQ=DAILY;BYHOUR=9;BYMINUTE=0,14', timeZone: 'UTC' }, 'RECURRENCE_TOO_FREQUENT', { atLeastSeconds: 900 }],
    [{ rrule: 'FREQ=DAILY', timeZone: 'Mars/Olympus' }, 'TIME_ZONE_UNKNOWN', { timeZone: 'Mars/Olympus' }],
    [{ rrule: 'FREQ=DAILY', timeZone: '+02:00' }, 'TIME_ZONE_UNKNOWN', { timeZone: '+02:00' }],
    [
      { rrule: 'FREQ=WEEKLY;INTERVAL=0;BYMONTHDAY=1', timeZone: 'UTC' },
      'RECURRENCE_INVALID',
      [expect.objectContaining({ part: 'INTERVAL' }), expect.objectContaining({ part: 'BYMONTHDAY' })],
    ],
    [{ rrule: 'FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30', timeZone: 'UTC' }, 'RECURRENCE_INVALID', [expect.objectContaining({ part: '' })]],
    [{ rrule: 'x'.repeat(501), timeZone: 'UTC' }, 'VALIDATION_FAILED', expect.anything()],
    [{ rrule: 'FREQ=DAILY' }, 'VALIDATION_FAILED', expect.anything()],
  ])('takes no recurrence like %j', async (recurrence, code, details) => {
    const group = await openGroup(alice);
    expect(await refusal(schedule(alice, group, { recurrence }))).toBe(code);
    expect(await detailsOf(schedule(alice, group, { recurrence }))).toEqual(details);
  });

  it('says when the next of a series is sent', async () => {
    app.time.now = new Date('2026-02-01T00:00:00Z');
    const recurrence = { rrule: 'FREQ=WEEKLY;BYDAY=MO,FR', timeZone: 'Europe/Berlin' };
    const scheduled = await schedule(alice, await openGroup(alice), { sendAt: '2026-03-28T08:30:00Z', recurrence });
    // The clocks change on the Sunday between.
    expect(scheduled).toMatchObject({
      sendAt: '2026-03-30T07:30:00.000Z',
      recurrence: { ...recurrence, startsAt: '2026-03-28T08:30:00.000Z' },
    });
  });

  it('is one of a limited number, however many are made at once', async () => {
    const person = await app.person('erin');
    const group = await openGroup(person);
    const made = Array.from({ length: limits.scheduled.perPerson - 1 }, () => schedule(person, group));
    await Promise.all(made);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => schedule(person, group)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'rejected').map((each) => (each as PromiseRejectedResult).reason.code)).toEqual([
      'SCHEDULED_MESSAGE_LIMIT_REACHED',
      'SCHEDULED_MESSAGE_LIMIT_REACHED',
    ]);
  });
});

describe('a scheduled message of the account', () => {
  const made = (by: { call: Caller['call'] }, group: { id: string }, sender: Caller, more = {}) =>
    by.call('admin.scheduleMessage', { conversationId: group.id, senderId: sender.id, content: 'news', sendAt: inHours(1), ...more });

  it('is made and cancelled by admins and servers, and is not the sender’s', async () => {
    const group = await openGroup(alice, [bob]);
    const admin = await app.person('admin', undefined, 'admin');
    const server = app.byKey(['scheduled:write', 'scheduled:read']);
    app.told.length = 0;
    for (const by of [admin, server]) {
      const scheduled = await made(by, group, bob);
      expect(scheduled).toMatchObject({ senderId: bob.id, content: 'news' });
      expect((await by.call('admin.listScheduledMessages')).items).toContainEqual(scheduled);
      expect(await list(bob, group)).toEqual([]);
      await bob.call('scheduled.delete', named(scheduled));
      expect((await by.call('admin.listScheduledMessages')).items).toContainEqual(scheduled);
      await by.call('admin.deleteScheduledMessage', { scheduledMessageId: scheduled.id });
      expect((await by.call('admin.listScheduledMessages')).items).not.toContainEqual(scheduled);
    }
    expect(feed()).toEqual([]);
    const entries = await app.sql(`select action, details from audit_entry where target_type = 'scheduledMessage' order by at, id`);
    expect(entries.map(({ action }) => action)).toEqual([
      'message_scheduled',
      'scheduled_message_deleted',
      'message_scheduled',
      'scheduled_message_deleted',
    ]);
    expect(entries[0]?.['details']).toMatchObject({ senderId: bob.id, conversationId: group.id });
    const own = await schedule(alice, group);
    await admin.call('admin.deleteScheduledMessage', { scheduledMessageId: own.id });
    expect(await list(alice, group)).toEqual([own]);
  });

  it('is in the name of somebody whom the caller administers', async () => {
    const admin = await app.person('admin', undefined, 'admin');
    const owner = await app.person('owner', undefined, 'owner');
    const group = await openGroup(owner, [admin, bob]);
    expect(await refusal(made(admin, group, owner))).toBe('FORBIDDEN');
    expect(await made(admin, group, admin)).toMatchObject({ senderId: admin.id });
    expect(await refusal(made(owner, group, outsider))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(made(owner, group, stranger))).toBe('USER_NOT_FOUND');
    expect(await refusal(made(bob, group, bob))).toBe('FORBIDDEN');
    expect(await refusal(made(app.byKey(['scheduled:read']), group, bob))).toBe('FORBIDDEN');
  });
});
