import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextCron, parseCron } from './cron.ts';
import { findTimeZone, type TimeZone } from './time-zone.ts';

const zoneOf = (name: string): TimeZone => {
  const zone = findTimeZone(name);
  if (zone === undefined) throw new Error(`there is no zone ${name}`);
  return zone;
};

/** The next times after one, as they are written. */
function times(text: string, zone: string, after: string, count = 4): string[] {
  const cron = parseCron(text);
  const found: Date[] = [];
  for (let at = new Date(after); found.length < count; found.push(at)) at = nextCron(cron, zoneOf(zone), at);
  return found.map((at) => at.toISOString().slice(0, 16));
}

describe('a cron expression', () => {
  it.each([
    ['0 2 * * *', ['2026-01-01T02:00', '2026-01-02T02:00']],
    ['*/20 * * * *', ['2026-01-01T00:20', '2026-01-01T00:40', '2026-01-01T01:00']],
    ['5,35 22-23 * * *', ['2026-01-01T22:05', '2026-01-01T22:35', '2026-01-01T23:05']],
    ['10/25 0 * * *', ['2026-01-01T00:10', '2026-01-01T00:35', '2026-01-02T00:10']],
    ['0 0 * * sun', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['0 0 * * 7', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['0 0 * JUL-aug mon-WED', ['2026-07-01T00:00', '2026-07-06T00:00']],
    ['0 0 31 * *', ['2026-01-31T00:00', '2026-03-31T00:00', '2026-05-31T00:00']],
    // Either kind of day is enough where both are given.
    ['0 0 13 * 5', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00']],
    ['0 0 */2 * 5', ['2026-01-09T00:00', '2026-01-23T00:00']],
    // Leap days; 2100 has none.
    ['0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ])('%s', (text, expected) => {
    expect(times(text, 'UTC', '2026-01-01T00:00:30Z', expected.length)).toEqual(expected);
  });

  it('crosses the century without a leap day', () => {
    expect(times('30 4 29 2 *', 'UTC', '2096-03-01T00:00:00Z', 1)).toEqual(['2104-02-29T04:30']);
  });

  it.each([
    ['* * * * * *', 'five fields'],
    ['', 'five fields'],
    ['@daily', 'five fields'],
    ['60 * * * *', '"60" is no minute: write numbers from 0 to 59'],
    ['0 24 * * *', '"24" is no hour'],
    ['0 0 0 * *', '"0" is no day of the month'],
    ['0 0 * 13 *', '"13" is no month'],
    ['0 0 * * 8', '"8" is no day of the week'],
    ['0 0 * * fry', '"fry" is no day of the week'],
    ['*/0 * * * *', '"*/0" is no minute'],
    ['5-1 * * * *', '"5-1" is no minute'],
    ['1- * * * *', '"1-" is no minute'],
    ['1,,2 * * * *', '"" is no minute'],
    ['0 0 L * *', '"L" is no day of the month'],
    ['0 0 30 2 *', 'no month of "2" has a day "30"'],
    ['0 0 31 4,6,9,11 *', 'no month of "4,6,9,11" has a day "31"'],
  ])('is refused: %j', (text, fault) => {
    expect(() => parseCron(text)).toThrow(fault);
  });
});

describe('where the clocks are put forward', () => {
  it('comes as much later where its time is left out', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
  });

  it('comes once where a time that is left out is moved to another of its times', () => {
    expect(times('0,30 2,3 * * *', 'Europe/Berlin', '2026-03-28T22:00:00Z', 3)).toEqual([
      '2026-03-29T01:00',
      '2026-03-29T01:30',
      '2026-03-30T00:00',
    ]);
  });

  it('comes on a day that has no midnight', () => {
    expect(times('30 0 * * *', 'America/Sao_Paulo', '2018-11-03T00:00:00Z', 3)).toEqual([
      '2018-11-03T03:30',
      '2018-11-04T03:30',
      '2018-11-05T02:30',
    ]);
  });

  it('goes by the time that passes where it is for every hour', () => {
    expect(times('30 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
  });
});

describe('where the clocks are put back', () => {
  it('comes the first time of two', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', 1)).toEqual(['2026-10-26T01:30']);
  });

  it('comes both times where it is for every hour', () => {
    expect(times('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 3)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
    // By half an hour.
    expect(times('*/30 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:00:00Z', 3)).toEqual([
      '2026-04-04T14:30',
      '2026-04-04T15:00',
      '2026-04-04T15:30',
    ]);
  });
});

/** In UTC, in a zone with daylight saving time, and in ones with odd offsets. */
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];

/** `*`, or a few numbers. */
const field = (from: number, to: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
    fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 3 }).map(String),
  );

it('is the minute that a look at every minute finds, away from changes of the clocks', () => {
  fc.assert(
    fc.property(
      fc.tuple(field(0, 59), field(0, 23), field(1, 28), fc.constant('*'), field(0, 6)).map((fields) => fields.join(' ')),
      fc.constantFrom(...ZONES),
      fc.date({ min: new Date('2026-01-05T00:00:00Z'), max: new Date('2026-02-20T00:00:00Z'), noInvalidDate: true }),
      (text, name, after) => {
        const zone = zoneOf(name);
        const next = nextCron(parseCron(text), zone, after).getTime();
        const [minutes, hours, days, , weekdays] = text.split(' ').map((part) => (value: number, from = 0) => {
          if (part.startsWith('*')) return (value - from) % Number(part.slice(2) || 1) === 0;
          return part.split(',').includes(String(value));
        });
        const isTime = (at: number): boolean => {
          const local = new Date(zone.toLocal(new Date(at)));
          const [, , day = '', , weekday = ''] = text.split(' ');
          const [byDay, byWeekday] = [days?.(local.getUTCDate(), 1), weekdays?.(local.getUTCDay())];
          const isDay = day.startsWith('*') || weekday.startsWith('*') ? byDay && byWeekday : byDay || byWeekday;
          return minutes?.(local.getUTCMinutes()) === true && hours?.(local.getUTCHours()) === true && isDay === true;
        };
        const most = after.getTime() + 2 * 86_400_000;
        let found = (Math.floor(after.getTime() / 60_000) + 1) * 60_000;
        while (found < most && !isTime(found)) found += 60_000;
        expect(new Date(Math.min(next, most))).toEqual(new Date(Math.min(found, most)));
      },
    ),
    { numRuns: 60 },
  );
});

it('comes once on each day of its own, whatever the clocks do', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom(2018, 2024, 2026, 2031),
      (name, hour, minute, year) => {
        const zone = zoneOf(name);
        const cron = parseCron(`${minute} ${hour} * * *`);
        const until = Date.UTC(year + 1, 0, 1);
        const found: Date[] = [];
        for (let at = nextCron(cron, zone, new Date(Date.UTC(year, 0, 1))); at.getTime() < until; at = nextCron(cron, zone, at))
          found.push(at);
        expect(found.length).toBeGreaterThanOrEqual(364);
        // A day of 24 hours, or one that is as much longer or shorter as the clocks change.
        const days = found.slice(1).map((at, index) => Math.abs(at.getTime() - (found[index]?.getTime() ?? 0) - 86_400_000));
        expect(Math.max(...days)).toBeLessThanOrEqual(3_600_000);
      },
    ),
    { numRuns: 4 },
  );
});
