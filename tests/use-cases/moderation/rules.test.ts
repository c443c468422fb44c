import { randomUUID } from 'node:crypto';
import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { actionsOn } from '../../support/audit-log.ts';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';
import { feedOf, openModerated } from './accounts.ts';

/** Automatic rules and listed words of an account, on any database. */
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

/** In force at once: nothing of the account was cached before. */
const rule = (terms: Record<string, unknown>): Promise<Payload> => dan.call('admin.createModerationRule', terms);
const queue = async (): Promise<Payload[]> => (await dan.call('admin.listReports')).items;
/** What was flagged is reported: its time has come. */
async function reported(): Promise<Payload[]> {
  await app.dueNow();
  await app.settled();
  return queue();
}
const spam = 'see https://spam.example/a and www.spam.example';

describe('a rule about links', () => {
  it('refuses, but for hosts that are allowed', async () => {
    await rule({ kind: 'links', threshold: 2, allowedHosts: ['Example.com'], action: 'refuse' });
    await expect(send(alice, group, spam)).rejects.toMatchObject({ code: 'POSTING_NOT_ALLOWED', details: { reason: 'content' } });
    const message = await send(alice, group, 'https://spam.example/once, https://example.com, https://docs.example.com/a');
    expect(await refusal(alice.call('messages.edit', { messageId: message.id, content: spam }))).toBe('POSTING_NOT_ALLOWED');
    expect(await queue()).toEqual([]);
  });

  it('has the message reported once it is stored, and one report of a person at a time', async () => {
    const { id: ruleId } = await rule({ kind: 'links', threshold: 1, action: 'report' });
    const first = await send(alice, group, spam);
    await send(alice, group, `${spam} again`);
    const [report, ...more] = await reported();
    expect(more).toEqual([]);
    expect(report).toMatchObject({
      state: 'open',
      ruleId,
      userId: alice.id,
      evidence: { content: expect.stringContaining('spam.example') },
    });
    expect(report).not.toHaveProperty('reporterId');
    expect(first.content).toBe(spam);
    await dan.call('admin.decideReport', { reportId: report?.['id'], decision: 'dismiss' });
    await send(alice, group, `${spam} once more`);
    expect(await reported()).toHaveLength(2);
    expect(await actionsOn(app, dan.account, String(report?.['id']))).toEqual(['report_decided', 'report_made']);
  });

  it('reports nothing that was refused in the end, or deleted meanwhile', async () => {
    await rule({ kind: 'links', threshold: 1, action: 'report' });
    await rule({ kind: 'links', threshold: 2, action: 'refuse' });
    expect(await refusal(send(alice, group, spam))).toBe('POSTING_NOT_ALLOWED');
    const { id: messageId } = await send(alice, group, 'https://spam.example');
    await alice.call('messages.delete', { messageId, for: 'everyone' });
    expect(await reported()).toEqual([]);
  });

  it('mutes, which outweighs every other rule, and tells the person; who administers is only refused', async () => {
    await rule({ kind: 'links', threshold: 1, action: 'report' });
    const { id: ruleId } = await rule({ kind: 'links', threshold: 2, action: 'mute', muteSeconds: 600 });
    const tries = await Promise.allSettled([1, 2, 3].map(() => send(alice, group, spam)));
    expect(tries.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(
      expect.arrayContaining(['USER_MUTED', 'POSTING_NOT_ALLOWED']),
    );
    expect(await refusal(send(alice, group, 'harmless'))).toBe('USER_MUTED');
    expect(feedOf(app, alice, 'moderation.muted')).toHaveLength(1);
    expect(await actionsOn(app, dan.account, alice.id)).toEqual(['user_muted']);
    expect(await refusal(send(dan, await openGroup(dan, [bob]), spam))).toBe('POSTING_NOT_ALLOWED');
    expect(await reported()).toEqual([]);
    expect(ruleId).toEqual(expect.any(String));
  });
});

describe('a rule about repeated texts', () => {
  it('acts from the threshold on, whatever the case and wherever it is written; a resend is no repetition', async () => {
    await rule({ kind: 'repeatedText', threshold: 3, windowSeconds: 3_600, action: 'refuse' });
    const other = await openGroup(alice, [carol]);
    const clientMessageId = randomUUID();
    for (let times = 0; times < 5; times += 1) await send(alice, group, 'Buy now!', { clientMessageId });
    await send(alice, other, 'buy NOW');
    expect(await refusal(send(alice, group, 'BUY, now!'))).toBe('POSTING_NOT_ALLOWED');
    // What was stored is answered as such.
    expect(await send(alice, group, 'Buy now!', { clientMessageId })).toMatchObject({ content: 'Buy now!' });
    for (let times = 0; times < 2; times += 1) expect(await send(bob, group, 'buy now')).toMatchObject({ content: 'buy now' });
    expect(await send(alice, group, 'Buy later')).toMatchObject({ content: 'Buy later' });
  });
});

describe('a rule about reports', () => {
  const reporters = (count: number) => Promise.all(Array.from({ length: count }, () => app.person('erin', alice.account)));

  it('mutes somebody whom so many people report, also when all of them come at once', async () => {
    await rule({ kind: 'reports', about: 'person', threshold: 4, windowSeconds: 3_600, action: 'mute', muteSeconds: 600 });
    for (const reporter of await reporters(2)) {
      await reporter.call('reports.create', { userId: alice.id, reason: 'spam' });
      await reporter.call('reports.create', { userId: alice.id, reason: 'spam again' });
    }
    expect(await send(alice, group, 'not yet')).toMatchObject({ content: 'not yet' });
    await Promise.all((await reporters(3)).map((each) => each.call('reports.create', { userId: alice.id, reason: 'spam' })));
    expect(await refusal(send(alice, group, 'after'))).toBe('USER_MUTED');
    expect(await actionsOn(app, dan.account, alice.id)).toEqual(['user_muted']);
  });

  it('counts those about one message, within its time', async () => {
    const { id: ruleId } = await rule({ kind: 'reports', about: 'message', threshold: 2, windowSeconds: 60, action: 'report' });
    const people = await reporters(4);
    const [first, second] = [
      await send(alice, await openGroup(alice, people), 'one'),
      await send(alice, await openGroup(alice, people), 'two'),
    ];
    const report = (at: number, { id: messageId }: Payload) => people[at]?.call('reports.create', { messageId, reason: 'spam' });
    app.time.now = new Date(Date.now() - 120_000);
    await report(0, first);
    app.time.now = undefined;
    await report(1, first);
    await report(2, second);
    const byRule = async () => (await queue()).filter((each) => each['ruleId'] === ruleId);
    expect(await byRule()).toEqual([]);
    await report(3, second);
    expect(await byRule()).toMatchObject([{ messageId: second.id, userId: alice.id }]);
  });
});

describe('rules', () => {
  it('are changed and deleted by who administers, and hold for one account', async () => {
    const made = await rule({ kind: 'links', threshold: 1, action: 'refuse' });
    expect(made).toMatchObject({ enabled: true, allowedHosts: [] });
    const ruleId = made['id'];
    const other = await openModerated(app);
    for (const [call, code] of [
      [() => bob.call('admin.listModerationRules'), 'FORBIDDEN'],
      [() => bob.call('admin.deleteModerationRule', { ruleId }), 'FORBIDDEN'],
      [() => other.carol.call('admin.deleteModerationRule', { ruleId }), 'MODERATION_RULE_NOT_FOUND'],
      [
        () => other.carol.call('admin.putModerationRule', { ruleId, kind: 'links', threshold: 1, action: 'refuse' }),
        'MODERATION_RULE_NOT_FOUND',
      ],
    ] as const)
      expect(await refusal(call())).toBe(code);
    expect(await send(other.alice, await openGroup(other.alice, [other.bob]), spam)).toMatchObject({ content: spam });
    expect((await other.carol.call('admin.listModerationRules')).items).toEqual([]);

    expect(await refusal(send(alice, group, spam))).toBe('POSTING_NOT_ALLOWED');
    const off = { ruleId, kind: 'repeatedText', threshold: 2, windowSeconds: 60, action: 'refuse', enabled: false };
    expect(await dan.call('admin.putModerationRule', off)).toMatchObject({ id: ruleId, kind: 'repeatedText', enabled: false });
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    for (let times = 0; times < 2; times += 1) expect(await send(alice, group, spam)).toMatchObject({ content: spam });
    await dan.call('admin.deleteModerationRule', { ruleId });
    expect(await refusal(dan.call('admin.deleteModerationRule', { ruleId }))).toBe('MODERATION_RULE_NOT_FOUND');
    vi.restoreAllMocks();
  });

  it('are as many as there may be, also when they are made at once', async () => {
    const terms = { kind: 'links', threshold: 1, action: 'report', enabled: false };
    for (let made = 0; made < limits.moderation.rules - 1; made += 1) await rule(terms);
    const last = await Promise.allSettled([rule(terms), rule(terms), rule(terms)]);
    expect(last.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))).toEqual(
      Array(2).fill('MODERATION_RULE_LIMIT_REACHED'),
    );
  });

  it.each([
    ['an unknown kind', { kind: 'shouting', threshold: 1, action: 'refuse' }],
    ['no time', { kind: 'repeatedText', threshold: 2, action: 'refuse' }],
    ['a time that means nothing', { kind: 'links', threshold: 2, windowSeconds: 60, action: 'refuse' }],
    ['a time of no seconds', { kind: 'repeatedText', threshold: 2, windowSeconds: 0, action: 'refuse' }],
    ['a text that is repeated once', { kind: 'repeatedText', threshold: 1, windowSeconds: 60, action: 'refuse' }],
    ['a mute without an end', { kind: 'links', threshold: 2, action: 'mute' }],
    ['an end without a mute', { kind: 'links', threshold: 2, action: 'report', muteSeconds: 60 }],
    ['nothing that is reported', { kind: 'reports', threshold: 2, windowSeconds: 60, action: 'report' }],
    ['reports that refuse', { kind: 'reports', about: 'person', threshold: 2, windowSeconds: 60, action: 'refuse' }],
    ['a host that is none', { kind: 'links', threshold: 2, allowedHosts: ['https://example.com/'], action: 'refuse' }],
    ['too many hosts', { kind: 'links', threshold: 2, allowedHosts: Array(101).fill('example.com'), action: 'refuse' }],
    ['a threshold of nothing', { kind: 'links', threshold: 0, action: 'refuse' }],
    ['what is no field', { kind: 'links', threshold: 1, action: 'refuse', regex: '(a+)+$' }],
  ])('with %s are refused', async (_, terms) => {
    expect(await refusal(rule(terms))).toBe('VALIDATION_FAILED');
  });
});

describe('listed words', () => {
  it('are administered, and a text is tested without a trace', async () => {
    expect(await dan.call('admin.putWord', { word: ' DARN! ', action: 'mask' })).toEqual({ word: 'darn', action: 'mask' });
    await dan.call('admin.putWord', { word: 'bad luck', action: 'reject' });
    const { id: ruleId } = await rule({ kind: 'links', threshold: 2, action: 'report' });
    const first = await dan.call('admin.listWords', { limit: 1 });
    expect(first.items).toEqual([{ word: 'bad luck', action: 'reject' }]);
    expect((await dan.call('admin.listWords', { limit: 1, cursor: first.nextCursor })).items).toEqual([{ word: 'darn', action: 'mask' }]);

    const before = await app.sql('select count(*)::int as rows from audit_entry');
    const test = (text: string) => dan.call('admin.testText', { text });
    expect(await test('👋 Dárn, darning')).toEqual({
      outcome: 'mask',
      content: '👋 ****, darning',
      words: [{ word: 'darn', action: 'mask', from: 2, to: 6 }],
      rules: [],
    });
    expect(await test('darn, bad-luck')).toMatchObject({ outcome: 'reject', words: [{ word: 'darn' }, { word: 'bad luck' }] });
    expect(await test(spam)).toMatchObject({ outcome: 'accept', content: spam, rules: [{ ruleId, kind: 'links', action: 'report' }] });
    expect(await test('fine')).toEqual({ outcome: 'accept', content: 'fine', words: [], rules: [] });
    expect(await app.sql('select count(*)::int as rows from audit_entry')).toEqual(before);
    expect(await reported()).toEqual([]);
    for (const text of ['', 'x'.repeat(limits.messageText + 1)]) expect(await refusal(test(text))).toBe('VALIDATION_FAILED');

    expect(await send(alice, group, 'darn')).toMatchObject({ content: '****' });
    await dan.call('admin.deleteWord', { word: 'Darn' });
    expect(await refusal(dan.call('admin.deleteWord', { word: 'darn' }))).toBe('LISTED_WORD_NOT_FOUND');
    expect(await refusal(bob.call('admin.testText', { text: 'darn' }))).toBe('FORBIDDEN');
    expect((await (await openModerated(app)).carol.call('admin.testText', { text: 'bad luck' })).words).toEqual([]);
  });
});
