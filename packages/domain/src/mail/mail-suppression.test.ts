import { describe, expect, it } from 'vitest';
import { asId, type Instant } from '../kernel/ids.ts';
import { addSeconds } from '../kernel/time.ts';
import { type BounceKind, MailSuppression } from './mail-suppression.ts';

const begin = new Date('2026-06-01T12:00:00.000Z');
const day = (days: number): Instant => addSeconds(begin, days * 86_400);
const report = (before: MailSuppression | undefined, kind: BounceKind, days: number, messageId?: string): MailSuppression =>
  MailSuppression.report(before, {
    accountId: asId('a'),
    id: asId(`s${days}`),
    address: 'a@b.example',
    userId: undefined,
    kind,
    at: day(days),
    messageId,
  });
const holds = (suppression: MailSuppression | undefined, days: number): boolean => MailSuppression.holdsBack(suppression, day(days));

describe('an address that mail came back from', () => {
  it('is suppressed by one hard bounce, for thirty days', () => {
    const hard = report(undefined, 'hard', 0);
    expect([holds(undefined, 0), holds(hard, 0), holds(hard, 29.9), holds(hard, 30)]).toEqual([false, true, true, false]);
    expect(holds(report(hard, 'hard', 20), 49)).toBe(true);
  });

  it('is suppressed by the third soft bounce within a week, for three days', () => {
    const [first, second] = [report(undefined, 'soft', 0), report(report(undefined, 'soft', 0), 'soft', 3)];
    expect([holds(first, 0), holds(second, 3)]).toEqual([false, false]);
    const third = report(second, 'soft', 6.9);
    expect([holds(third, 6.9), holds(third, 9.8), holds(third, 9.95)]).toEqual([true, true, false]);
    // The week begins with the first of them.
    expect(holds(report(second, 'soft', 7), 7)).toBe(false);
    // More of them do not make it longer.
    expect(report(third, 'soft', 8)).toBe(third);
  });

  it('counts what is reported of one message once', () => {
    let known: MailSuppression | undefined;
    for (const messageId of ['one', 'one', 'one', 'two', 'two']) known = report(known, 'soft', 0, messageId);
    expect([known?.softBounces, holds(known, 0)]).toEqual([2, false]);
  });

  it('is suppressed by a complaint until somebody lifts it, whatever comes after', () => {
    const complaint = report(report(undefined, 'hard', 0), 'complaint', 1);
    expect([holds(complaint, 5_000), complaint.id]).toEqual([true, 's0']);
    for (const kind of ['hard', 'soft'] as const) expect(report(complaint, kind, 2)).toBe(complaint);
  });

  it('is held back no shorter by a report that comes late', () => {
    const hard = report(undefined, 'hard', 100);
    expect(report(hard, 'hard', 0)).toBe(hard);
    expect(holds(report(hard, 'hard', 90), 129.9)).toBe(true);
    const soft = [98, 99, 100].reduce<MailSuppression | undefined>((before, days) => report(before, 'soft', days), undefined);
    expect(holds(report(soft, 'hard', 0), 101)).toBe(true);
    expect([90, 101, 120].map((days) => holds(report(soft, 'hard', 90), days))).toEqual([true, true, false]);
    const two = report(report(undefined, 'soft', 99), 'soft', 99);
    expect(holds(report(two, 'hard', 0), 100)).toBe(false);
    expect(holds(report(report(two, 'soft', 0), 'soft', 100), 100)).toBe(true);
  });

  it('begins anew once it was forgotten', () => {
    const expired = report(undefined, 'hard', 0);
    expect(report(expired, 'soft', 31)).toMatchObject({ reason: 'soft', softBounces: 1, suppressedAt: undefined, id: 's0' });
  });
});
