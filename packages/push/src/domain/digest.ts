import type { Instant } from '@coucou/domain/kernel/ids';
import { findTimeZone, type TimeZone } from '@coucou/domain/kernel/time-zone';
import type { DigestSchedule, NotificationRules } from '@coucou/domain/preferences/preferences';
import { timeOfDay } from './quiet-hours.ts';

const DAY_MS = 86_400_000;
/** The first day of 1970 was a Thursday: so many days later it was Monday. */
const MONDAY = 4;

/** What somebody gets who said nothing else: in the morning, where they are as far as they said that. */
const scheduleOf = ({ digest, quietHours }: NotificationRules): DigestSchedule =>
  digest ?? { every: 'day', at: '08:00', timeZone: quietHours?.timeZone ?? 'UTC' };

const utc = findTimeZone('UTC') as TimeZone;

/** The first time of a schedule after this one. */
function nextAfter({ every, at, timeZone }: DigestSchedule, now: Instant): Instant {
  const zone = findTimeZone(timeZone) ?? utc;
  const today = Math.floor(zone.toLocal(now) / DAY_MS);
  // Where the clocks change, a local time may come twice or not at all: tomorrow's is after now in any case.
  for (let day = today; ; day += 1) {
    if (every === 'week' && (day - MONDAY) % 7 !== 0) continue;
    const instant = zone.toInstant(day * DAY_MS + timeOfDay(at));
    if (instant > now) return instant;
  }
}

export const Digest = { scheduleOf, nextAfter };
