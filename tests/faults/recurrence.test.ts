import { occurrenceAfter, type Series } from '@coucou/domain/scheduled/recurrence';
import { parseRecurrenceRule } from '@coucou/domain/scheduled/recurrence-rule';
import { findTimeZone } from '@coucou/domain/kernel/time-zone';
import fc from 'fast-check';
import { rrulestr } from 'rrule';
import { expect, it } from 'vitest';

/** Recurrence rules of any kind, beside another implementation. */

function seriesOf(text: string, zoneName: string, startsAt: Date): Series {
  const [parsed, zone] = [parseRecurrenceRule(text), findTimeZone(zoneName)];
  if ('problems' in parsed || zone === undefined) throw new Error(`${text} in ${zoneName}`);
  return { rule: parsed.rule, zone, startsAt };
}

/** The times of the first so many. */
function occurrences(of: Series, most: number): number[] {
  const found: number[] = [];
  for (
    let at = occurrenceAfter(of, new Date(of.startsAt.getTime() - 1_000));
    at !== undefined && found.length < most;
    at = occurrenceAfter(of, at)
  )
    found.push(at.getTime());
  return found;
}

/**
 * Rules in which both implementations read the RFC alike: rrule.js takes no mixture of plain and numbered days, and begins the first week with the
 * start, so that its places (BYSETPOS) are others.
 */
const rules = fc
  .record({
    frequency: fc.constantFrom('HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
    interval: fc.integer({ min: 1, max: 5 }),
    end: fc.constantFrom('', ';COUNT=7'),
    month: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })),
    monthDay: fc.option(fc.uniqueArray(fc.integer({ min: -31, max: 31 }).filter(Boolean), { minLength: 1, maxLength: 5 })),
    weekday: fc.option(fc.uniqueArray(fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'), { minLength: 1, maxLength: 4 })),
    nth: fc.option(fc.constantFrom(1, 2, -1, 5)),
    yearDay: fc.option(fc.uniqueArray(fc.integer({ min: -366, max: 366 }).filter(Boolean), { minLength: 1, maxLength: 4 }), { freq: 4 }),
    weekNo: fc.option(fc.uniqueArray(fc.integer({ min: -53, max: 53 }).filter(Boolean), { minLength: 1, maxLength: 4 }), { freq: 4 }),
    hour: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 3 })),
    minute: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 })),
    // It takes a position that a set does not have for another one.
    position: fc.option(fc.constantFrom(1, -1)),
    weekStart: fc.constantFrom('MO', 'SU', 'WE'),
  })
  .map(({ frequency: f, nth, ...r }) => {
    const weekdays = r.weekday?.map((day) =>
      nth !== null && r.weekNo === null && (f === 'MONTHLY' || f === 'YEARLY') ? `${nth}${day}` : day,
    );
    const parts = [
      ['BYMONTH', r.month],
      ['BYMONTHDAY', f === 'WEEKLY' ? null : r.monthDay],
      ['BYDAY', weekdays],
      ['BYYEARDAY', f === 'YEARLY' ? r.yearDay : null],
      ['BYWEEKNO', f === 'YEARLY' ? r.weekNo : null],
      // It takes them in the order given.
      ['BYHOUR', r.hour?.toSorted((a, b) => a - b)],
      ['BYMINUTE', r.minute?.toSorted((a, b) => a - b)],
    ].flatMap(([name, value]) => (value == null ? [] : [`${String(name)}=${String(value)}`]));
    const position = r.position !== null && parts.length > 0 && f !== 'HOURLY' && f !== 'WEEKLY' ? `;BYSETPOS=${r.position}` : '';
    return `FREQ=${f};INTERVAL=${r.interval};WKST=${r.weekStart}${r.end}${position}${parts.map((part) => `;${part}`).join('')}`;
  });

it('agrees with rrule.js about any rule', () => {
  const start = fc.integer({ min: 0, max: 3 * 365 * 24 * 60 }).map((minutes) => new Date(Date.UTC(2025, 0, 1) + minutes * 60_000));
  fc.assert(
    fc.property(rules, start, (text, startsAt) => {
      const found = occurrences(seriesOf(text, 'UTC', startsAt), 12);
      // It looks for what does not come until the year 9999, or for ever.
      fc.pre(found.length === 12 || (text.includes('COUNT') && found.length === 7));
      const expected = rrulestr(text, { dtstart: startsAt }).all((_, length) => length < found.length);
      expect(found).toEqual(expected.slice(0, found.length).map((at) => at.getTime()));
    }),
    { numRuns: Number(process.env['RECURRENCE_RUNS'] ?? 100) },
  );
});

it('answers each occurrence once, from wherever it is asked', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
  const skips = fc.array(fc.integer({ min: 1, max: 400 * 24 }), { maxLength: 10 });
  const startsAt = new Date('2025-03-20T01:30:00Z');
  fc.assert(
    fc.property(rules, zones, skips, (text, zone, hours) => {
      const of = seriesOf(text, zone, startsAt);
      const all = occurrences(of, 30);
      expect(all).toEqual([...new Set(all)].toSorted((a, b) => a - b));
      for (const hour of hours) {
        const at = startsAt.getTime() + hour * 3_600_000;
        const known = all.find((each) => each > at);
        const next = known && occurrenceAfter(of, new Date(at));
        expect(next && next.getTime()).toBe(known);
      }
    }),
    { numRuns: 60 },
  );
});
