import type { Instant } from './ids.ts';

/** A date and time without a zone: milliseconds as if it were UTC. `Date`'s UTC methods read its parts. */
export type LocalTime = number;

/** A zone of the IANA time zone database, as the runtime knows it. */
export type TimeZone = Readonly<{
  name: string;
  toLocal: (at: Instant) => LocalTime;
  /**
   * As RFC 5545 says (3.3.5): a local time that comes twice is the first, and one that a change of the clocks leaves out is read with the
   * offset before the gap.
   */
  toInstant: (local: LocalTime) => Instant;
}>;

/** Names only: an offset such as `+02:00` knows no daylight saving time, and is taken for none. */
const NAME = /^[A-Za-z][\w+\-/]{0,63}$/;
const DAY_MS = 86_400_000;

/** Undefined for a name that no zone has. */
export function findTimeZone(name: string): TimeZone | undefined {
  const format = formatOf(name);
  if (format === undefined) return undefined;

  const toLocal = (at: Instant): LocalTime => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (at.getTime() % 1_000);
  };
  const offsetAt = (at: number): number => toLocal(new Date(at)) - at;

  return {
    name,
    toLocal,
    toInstant(local) {
      // Clocks change once at most within these two days.
      const before = offsetAt(local - DAY_MS);
      const after = offsetAt(local + DAY_MS);
      const [first, second] = before > after ? [local - before, local - after] : [local - after, local - before];
      if (offsetAt(first) === local - first) return new Date(first);
      return new Date(offsetAt(second) === local - second ? second : local - before);
    },
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!NAME.test(timeZone)) return undefined;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', hourCycle: 'h23', ...numeric });
  } catch {
    return undefined;
  }
}
