import type { Instant } from '@coucou/domain/kernel/ids';
import { findTimeZone } from '@coucou/domain/kernel/time-zone';
import type { QuietHours } from '@coucou/domain/preferences/preferences';

const DAY_MS = 86_400_000;

/** `HH:MM` as milliseconds of a day. */
export function timeOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}

/** When the quiet hours end that this is in, in the person's zone; undefined outside of them. From a time to the same one is a whole day of none. */
export function quietUntil(quiet: QuietHours | undefined, now: Instant): Instant | undefined {
  const zone = quiet && findTimeZone(quiet.timeZone);
  if (quiet === undefined || zone === undefined) return undefined;
  const local = zone.toLocal(now);
  const midnight = Math.floor(local / DAY_MS) * DAY_MS;
  const [at, from, to] = [local - midnight, timeOfDay(quiet.from), timeOfDay(quiet.to)];
  const isQuiet = from <= to ? at >= from && at < to : at >= from || at < to;
  if (!isQuiet) return undefined;
  const end = zone.toInstant(midnight + (at < to ? 0 : DAY_MS) + to);
  // Where the clocks go back in the night, the end of the quiet hours may be the one that has just been.
  return end > now ? end : new Date(now.getTime() + 60_000);
}
