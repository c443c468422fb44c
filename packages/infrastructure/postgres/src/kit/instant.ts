import pg from 'pg';

const slow = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ);

/** Sessions are in UTC: `2026-11-20 20:32:43.123456+00`, with as many digits of the second as are not 0. */
const USUAL = 'dddd-dd-dd dd:dd:dd'.length;
const OFFSET = '+00';

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const pair = (text: string, at: number): number => 10 * digit(text, at) + digit(text, at + 1);

/** Whole milliseconds, as the driver cuts them. */
function millis(text: string, end: number): number {
  let sum = 0;
  for (let at = USUAL + 1, worth = 100; at < end && worth >= 1; at += 1, worth /= 10) sum += worth * digit(text, at);
  return sum;
}

/**
 * Parses a `timestamptz`. Digit by digit, since `Date` parsing costs more than the rest of the row; years of other
 * than four digits, and the infinities, are left to the driver.
 */
export function parseInstant(text: string): Date {
  const end = text.length - OFFSET.length;
  const isUsual = text[10] === ' ' && text.endsWith(OFFSET) && (end === USUAL || text[USUAL] === '.');
  if (!isUsual) return slow(text) as Date;
  const year = 100 * pair(text, 0) + pair(text, 2);
  const at = Date.UTC(year, pair(text, 5) - 1, pair(text, 8), pair(text, 11), pair(text, 14), pair(text, 17), millis(text, end));
  // Two digits are years of our time to it.
  return year < 100 ? (slow(text) as Date) : new Date(at);
}
