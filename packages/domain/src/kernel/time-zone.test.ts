import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTimeZone, type TimeZone } from './time-zone.ts';

function zoneOf(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
}

describe('a time zone', () => {
  it.each(['', 'Mars/Olympus', '+02:00', 'UTC+1', 'Europe/Berlin; drop', '../etc/passwd', 'x'.repeat(100)])('is none of %j', (name) => {
    expect(findTimeZone(name)).toBeUndefined();
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30:00.000Z', 'in a gap: by the offset before it'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z', 'twice: the first'],
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30:00.000Z', 'in a gap, west'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z', 'twice, west'],
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45:00.000Z', 'in a gap of half an hour'],
    ['Asia/Kathmandu', '2026-01-01T00:00', '2025-12-31T18:15:00.000Z', 'an offset of quarters'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00:00.000Z', 'on a day that was left out'],
  ])('%s reads %s as %s: %s', (name, local, instant) => {
    expect(
      zoneOf(name)
        .toInstant(Date.parse(`${local}Z`))
        .toISOString(),
    ).toBe(instant);
  });

  it('reads back every instant whose wall-clock time comes once, all year long', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Tokyo', 'America/St_Johns'].map(
      zoneOf,
    );
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 366 * 96 }), ({ toLocal, toInstant }, quarter) => {
        const at = new Date(Date.UTC(2026, 0, 1) + quarter * 900_000);
        const read = toInstant(toLocal(at));
        // The second of two is read as the first.
        expect([at.getTime(), at.getTime() - 3_600_000, at.getTime() - 1_800_000]).toContain(read.getTime());
        expect(toLocal(read)).toBe(toLocal(at));
      }),
      { numRuns: 500 },
    );
  });
});
