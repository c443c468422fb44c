const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)t(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:z|([+-])(\d\d):(\d\d))$/i;

/**
 * A time in any form of RFC 3339 (5.6) in UTC with milliseconds, finer fractions cut off. Undefined for a text that is none, for a day
 * that no calendar has, and outside of the years 1 to 9999, which PostgreSQL and RFC 3339 share. A leap second becomes the next one.
 */
export function readTime(text: string): string | undefined {
  const found = RFC_3339.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return undefined;

  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have would be one of the next month.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const ahead = (found[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute);
  // Leap seconds have no fraction of their own: 23:59:60.5 is the start of the next day as well.
  date.setUTCHours(hour, minute - ahead, second, second === 60 ? 0 : Number((found[7] ?? '').slice(0, 3).padEnd(3, '0')));

  // Leap seconds are inserted at the end of a day in UTC (RFC 3339, appendix D).
  if (second === 60 && date.getTime() % 86_400_000 !== 0) return undefined;
  const written = date.toISOString();
  return /^(?!0000)\d{4}-/.test(written) ? written : undefined;
}
