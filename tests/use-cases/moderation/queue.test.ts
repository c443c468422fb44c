import type { Payload } from '../../support/event-log.ts';
import { actionsOn } from '../../support/audit-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { about, openGroup, refusal, send } from '../calls.ts';
import { feedOf, openModerated } from './accounts.ts';

/** The queue of reports, and what deciding one does, on any database. */
let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
let dan: Caller;
let group: Payload;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  ({ alice, bob, carol, dan } = await openModerated(app));
  group = await openGroup(alice, [bob]);
  app.told.length = 0;
});

/** bob reports what alice wrote. */
async function reported(content = 'rude'): Promise<Readonly<{ report: Payload; message: Payload }>> {
  const message = await send(alice, group, content);
  return { message, report: await bob.call('reports.create', { messageId: message.id, reason: 'insults' }) };
}
const decide = (by: Caller, { id }: Payload, decision: string, more: Record<string, unknown> = {}): Promise<Payload> =>
  by.call('admin.decideReport', { reportId: id, decision, ...more });
const notified = async (who: Caller): Promise<string[]> => (await who.call('notifications.list')).items.map(({ kind }: Payload) => kind);

describe('the queue', () => {
  it('shows what was reported as it was, and who works on it', async () => {
    const { report, message } = await reported();
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    const person = await bob.call('reports.create', { userId: alice.id, reason: 'spam' });
    const { items } = await dan.call('admin.listReports');
    expect(items.map(({ id }: Payload) => id)).toEqual([person.id, report.id]);
    expect(items[1]).toMatchObject({
      state: 'open',
      reporterId: bob.id,
      userId: alice.id,
      messageId: message.id,
      reason: 'insults',
      evidence: { content: 'rude' },
    });

    expect(await dan.call('admin.assignReport', { reportId: report.id, assigneeId: carol.id })).toMatchObject({
      state: 'assigned',
      assigneeId: carol.id,
    });
    const assigned = await dan.call('admin.listReports', { state: 'assigned', assigneeId: carol.id, userId: alice.id });
    expect(assigned.items.map(({ id }: Payload) => id)).toEqual([report.id]);
    expect(await dan.call('admin.assignReport', { reportId: report.id, assigneeId: null })).toMatchObject({ state: 'open' });
    expect(await refusal(dan.call('admin.assignReport', { reportId: report.id, assigneeId: bob.id }))).toBe('USER_NOT_FOUND');

    await decide(carol, report, 'dismiss', { note: 'a joke among friends' });
    expect(await dan.call('admin.getReport', { reportId: report.id })).toMatchObject({
      state: 'decided',
      decision: 'dismiss',
      decidedById: carol.id,
      note: 'a joke among friends',
    });
    expect(await refusal(dan.call('admin.assignReport', { reportId: report.id, assigneeId: dan.id }))).toBe('REPORT_DECIDED');
    expect(await actionsOn(app, carol.account, report.id)).toEqual(['report_decided', 'report_assigned', 'report_assigned', 'report_made']);
  });

  it('comes in pages', async () => {
    const made: string[] = [];
    for (let at = 0; at < 5; at += 1) made.unshift((await reported(`rude ${at}`)).report.id);
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page: Payload = await dan.call('admin.listReports', { limit: 2, cursor });
      seen.push(...page.items.map(({ id }: Payload) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(made);
  });

  it('is for those who administer the account, and for its servers with the scope', async () => {
    const { report } = await reported();
    for (const call of [
      () => bob.call('admin.listReports'),
      () => bob.call('admin.getReport', { reportId: report.id }),
      () => bob.call('admin.assignReport', { reportId: report.id, assigneeId: bob.id }),
      () => decide(bob, report, 'dismiss'),
      () => bob.call('admin.muteUser', { userId: alice.id, seconds: 60 }),
      () => app.byKey(['audit:read'], bob.account).call('admin.listReports'),
      () => app.byKey(['reports:read'], bob.account).call('admin.decideReport', { reportId: report.id, decision: 'dismiss' }),
    ])
      expect(await refusal(call())).toBe('FORBIDDEN');
    const server = app.byKey(['reports:write'], bob.account);
    expect(await server.call('admin.decideReport', { reportId: report.id, decision: 'dismiss' })).not.toHaveProperty('decidedById');
  });

  it('holds the reports of one account', async () => {
    const { report } = await reported();
    const other = await openModerated(app);
    expect((await other.carol.call('admin.listReports')).items).toEqual([]);
    for (const call of [
      () => other.carol.call('admin.getReport', { reportId: report.id }),
      () => other.carol.call('admin.assignReport', { reportId: report.id, assigneeId: other.dan.id }),
      () => decide(other.carol, report, 'suspend'),
    ])
      expect(await refusal(call())).toBe('REPORT_NOT_FOUND');
    expect(await refusal(dan.call('admin.assignReport', { reportId: report.id, assigneeId: other.dan.id }))).toBe('USER_NOT_FOUND');
    expect(await dan.call('admin.getReport', { reportId: report.id })).toMatchObject({ state: 'open' });
  });
});

describe('a decision', () => {
  it('to dismiss changes nothing, and the reporter is told', async () => {
    const { report } = await reported();
    await decide(dan, report, 'dismiss');
    await app.settled();
    expect(feedOf(app, bob, 'report.decided')).toEqual([{ reportId: report.id, outcome: 'dismissed' }]);
    expect(await notified(bob)).toContain('reportDecided');
    expect(await notified(alice)).toEqual([]);
    expect(app.told.some(({ event, to }) => event === 'notification:new' && to['userId'] === bob.id)).toBe(true);
  });

  it('to delete takes the message from everybody, in a conversation that the moderator is not in', async () => {
    const { report, message } = await reported();
    await decide(dan, report, 'delete');
    await app.settled();
    expect(about(app, group).filter(({ event }) => event === 'message:deleted')).toMatchObject([{ payload: { messageId: message.id } }]);
    expect(await bob.call('messages.get', { messageId: message.id })).not.toHaveProperty('content');
    expect(await dan.call('admin.getReport', { reportId: report.id })).toMatchObject({ evidence: { content: 'rude' } });
    expect(await actionsOn(app, dan.account, message.id)).toEqual(['message_removed']);
    expect(feedOf(app, bob, 'report.decided')).toMatchObject([{ outcome: 'acted' }]);
  });

  it('to delete what is deleted already is a decision all the same', async () => {
    const { report, message } = await reported();
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    expect(await decide(dan, report, 'delete')).toMatchObject({ state: 'decided' });
    expect(await actionsOn(app, dan.account, message.id)).toEqual([]);
  });

  it('to warn tells the person, and not who reported them', async () => {
    const { report, message } = await reported();
    await decide(dan, report, 'warn', { message: 'Please stay polite.' });
    await app.settled();
    expect(feedOf(app, alice, 'moderation.warned')).toEqual([
      { conversationId: group['id'], messageId: message.id, message: 'Please stay polite.' },
    ]);
    const { items } = await alice.call('notifications.list');
    expect(items).toMatchObject([{ kind: 'warned', actorId: alice.id, messageId: message.id }]);
    expect(JSON.stringify(app.told.filter(({ to }) => to['userId'] === alice.id))).not.toMatch(new RegExp(`${bob.id}|${dan.id}`));
  });

  it('to mute keeps the person from writing anywhere, until it ends by itself', async () => {
    const { report, message } = await reported();
    const other = await openGroup(alice, [carol]);
    const { mutedUntil } = await decide(dan, report, 'mute', { muteSeconds: 3_600 });
    expect(feedOf(app, alice, 'moderation.muted')).toEqual([{ until: mutedUntil }]);
    for (const call of [
      () => send(alice, group, 'after'),
      () => send(alice, other, 'after'),
      () => alice.call('messages.send', { toUserId: dan.id, content: 'after' }),
      () => alice.call('messages.edit', { messageId: message.id, content: 'after' }),
      () => alice.call('polls.create', { conversationId: other.id, question: 'Where?', options: ['here', 'there'] }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'USER_MUTED', details: { until: mutedUntil } });
    expect(await send(bob, group, 'others write')).toMatchObject({ content: 'others write' });
    expect(await dan.call('admin.getUser', { userId: alice.id })).toMatchObject({ mutedUntil });
    await dan.call('admin.unmuteUser', { userId: alice.id });
    expect(await send(alice, group, 'again')).toMatchObject({ content: 'again' });
  });

  it('to suspend keeps the person out', async () => {
    const { report } = await reported();
    await decide(dan, report, 'suspend');
    expect(await refusal(send(alice, group, 'after'))).toBe('USER_SUSPENDED');
    expect(await dan.call('admin.getUser', { userId: alice.id })).toHaveProperty('suspendedAt');
  });

  it('is carried out once by many who decide at once: the others are told that they came too late', async () => {
    const { report, message } = await reported();
    const choices = ['delete', 'warn', 'dismiss', 'suspend', 'delete', 'warn'].map((decision, at) =>
      decide(at % 2 === 0 ? carol : dan, report, decision),
    );
    const settled = await Promise.allSettled(choices);
    const late = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(late).toEqual(Array(choices.length - 1).fill('REPORT_DECIDED'));
    await app.settled();
    expect(feedOf(app, bob, 'report.decided')).toHaveLength(1);
    const { decision } = await dan.call('admin.getReport', { reportId: report.id });
    const done = [...(await actionsOn(app, dan.account, message.id)), ...(await actionsOn(app, dan.account, alice.id))];
    const expected: Readonly<Record<string, string[]>> = {
      delete: ['message_removed'],
      warn: ['user_warned'],
      suspend: ['user_suspended'],
    };
    expect(done).toEqual(expected[decision] ?? []);
    expect((await actionsOn(app, dan.account, report.id)).filter((action) => action === 'report_decided')).toHaveLength(1);
  });

  it('is answered again to who repeats it under its key', async () => {
    const { report } = await reported();
    const again = () =>
      dan.execute('admin.decideReport', { reportId: report.id, decision: 'warn' }, { idempotencyKey: `key-${report.id}` });
    expect((await again()).body).toEqual((await again()).body);
    await app.settled();
    expect(feedOf(app, alice, 'moderation.warned')).toHaveLength(1);
  });

  it('that is refused leaves the report open', async () => {
    const byAlice = await alice.call('reports.create', { userId: carol.id, reason: 'power' });
    const aboutDan = await alice.call('reports.create', { userId: dan.id, reason: 'power' });
    for (const [call, code] of [
      [() => decide(dan, byAlice, 'delete'), 'VALIDATION_FAILED'],
      [() => decide(dan, byAlice, 'mute'), 'VALIDATION_FAILED'],
      [() => decide(dan, byAlice, 'warn', { muteSeconds: 60 }), 'VALIDATION_FAILED'],
      [() => decide(dan, byAlice, 'mute', { muteSeconds: 59 }), 'VALIDATION_FAILED'],
      [() => decide(dan, byAlice, 'mute', { muteSeconds: 1e9 }), 'VALIDATION_FAILED'],
      [() => decide(dan, byAlice, 'warn', { message: 'x'.repeat(1_001) }), 'VALIDATION_FAILED'],
      [() => decide(dan, byAlice, 'mute', { muteSeconds: 60 }), 'FORBIDDEN'],
      [() => decide(dan, byAlice, 'suspend'), 'FORBIDDEN'],
      // Nobody judges themself.
      [() => decide(carol, byAlice, 'dismiss'), 'FORBIDDEN'],
      [() => dan.call('admin.assignReport', { reportId: byAlice.id, assigneeId: carol.id }), 'FORBIDDEN'],
      [() => decide(dan, aboutDan, 'dismiss'), 'FORBIDDEN'],
    ] as const)
      expect(await refusal(call())).toBe(code);
    const { items } = await dan.call('admin.listReports', { state: 'open' });
    expect(items.map(({ id }: Payload) => id)).toEqual([aboutDan.id, byAlice.id]);
    expect(await actionsOn(app, dan.account, carol.id)).toEqual([]);
  });
});

describe('a mute', () => {
  it('is set and lifted without a report, and ends at its time', async () => {
    await dan.call('admin.muteUser', { userId: alice.id, seconds: 60 });
    expect(await refusal(send(alice, group, 'muted'))).toBe('USER_MUTED');
    await app.uow.write(alice.account, (tx) => tx.suspensions.mute(alice.id, new Date(Date.now() - 1_000)));
    expect(await send(alice, group, 'it is over')).toMatchObject({ content: 'it is over' });
    await dan.call('admin.muteUser', { userId: alice.id, seconds: 60 });
    for (let times = 0; times < 2; times += 1) await dan.call('admin.unmuteUser', { userId: alice.id });
    expect(await send(alice, group, 'lifted')).toMatchObject({ content: 'lifted' });
    expect(await actionsOn(app, dan.account, alice.id)).toEqual(['user_unmuted', 'user_muted', 'user_muted']);
    expect(feedOf(app, alice, 'moderation.muted').at(-1)).toEqual({ until: null });
  });

  it('does not reach up, nor into another account', async () => {
    const other = await openModerated(app);
    expect(await refusal(dan.call('admin.muteUser', { userId: carol.id, seconds: 60 }))).toBe('FORBIDDEN');
    expect(await refusal(dan.call('admin.muteUser', { userId: other.alice.id, seconds: 60 }))).toBe('USER_NOT_FOUND');
    expect(await refusal(dan.call('admin.unmuteUser', { userId: other.alice.id }))).toBe('USER_NOT_FOUND');
  });
});
