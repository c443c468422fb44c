import { findTimeZone } from '@coucou/domain/kernel/time-zone';
import { expect, it } from 'vitest';
import { dueOf, parseTiming } from './timing.ts';

const zone = findTimeZone('Europe/Berlin');
if (zone === undefined) throw new Error('there is no zone Europe/Berlin');

it('has the times of an interval whenever a node starts, and others for another job', () => {
  const { next, text } = dueOf('users.trimFeeds', { everyMs: 3_600_000 }, zone);
  expect(text).toBe('every 1h');
  const first = next(new Date('2026-01-01T00:00:00Z'));
  expect(next(new Date(first.getTime() - 1))).toEqual(first);
  expect(next(first).getTime() - first.getTime()).toBe(3_600_000);
  expect(first.getTime() - Date.UTC(2026, 0, 1)).toBeLessThanOrEqual(3_600_000);
  expect(dueOf('users.forgetHeldNames', { everyMs: 3_600_000 }, zone).next(new Date('2026-01-01T00:00:00Z'))).not.toEqual(first);
});

it('has the times of a cron expression in the zone', () => {
  const { next, text } = dueOf('a', { cron: ' 0  2 * * * ' }, zone);
  expect(text).toBe('0 2 * * * Europe/Berlin');
  expect(next(new Date('2026-01-01T00:00:00Z'))).toEqual(new Date('2026-01-01T01:00:00Z'));
});

it.each([
  ['every 30s', 30_000, 'every 30s'],
  ['every 90m', 5_400_000, 'every 90m'],
  ['every  120m', 7_200_000, 'every 2h'],
  ['every 7d', 604_800_000, 'every 7d'],
])('reads %s', (written, everyMs, text) => {
  expect(parseTiming(written)).toEqual({ everyMs });
  expect(dueOf('a', { everyMs }, zone).text).toBe(text);
});
