import type { Instant } from './ids.ts';
import type { TimeZone } from './time-zone.ts';

/** A cron expression of five fields, as in crontab(5): minute, hour, day of the month, month, day of the week. */
export type Cron = Readonly<{
  text: string;
  /** Ascending. */
  minutes: readonly number[];
  hours: readonly number[];
  /** By the number of days since 1970. */
  fits: (day: number) => boolean;
}>;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A 29 February is eight years after the one before it, at most. */
const HORIZON_DAYS = 8 * 366 + 1;

type Field = Readonly<{ what: string; from: number; to: number; names?: readonly string[] }>;

const MINUTE: Field = { what: 'minute', from: 0, to: 59 };
const HOUR: Field = { what: 'hour', from: 0, to: 23 };
const DAY: Field = { what: 'day of the month', from: 1, to: 31 };
const MONTH: Field = {
  what: 'month',
  from: 1,
  to: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
/** Sunday is 0 or 7. */
const WEEKDAY: Field = { what: 'day of the week', from: 0, to: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };

/**
 * Throws a `RangeError` that names the fault. A day fits by the month and by both kinds of day; where neither of these begins with `*`, one
 * of the two is enough, as in crontab(5).
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) throw new RangeError(`a cron expression has five fields (minute hour day month weekday), not ${fields.length}`);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const [minutes, hours, days, months] = [valuesOf(MINUTE, minute), valuesOf(HOUR, hour), valuesOf(DAY, day), valuesOf(MONTH, month)];
  const weekdays = valuesOf(WEEKDAY, weekday).map((value) => value % 7);
  const isEither = !day.startsWith('*') && !weekday.startsWith('*');
  const fits = (number: number): boolean => {
    const date = new Date(number * DAY_MS);
    if (!months.includes(date.getUTCMonth() + 1)) return false;
    const [byDay, byWeekday] = [days.includes(date.getUTCDate()), weekdays.includes(date.getUTCDay())];
    return isEither ? byDay || byWeekday : byDay && byWeekday;
  };
  const cron = { text: fields.join(' '), minutes, hours, fits };
  if (nextDay(cron, 0) === undefined) throw new RangeError(`no month of ${JSON.stringify(month)} has a day ${JSON.stringify(day)}`);
  return cron;
}

function valuesOf(field: Field, text: string): readonly number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) for (const value of valuesOfPart(field, part)) values.add(value);
  return [...values].toSorted((a, b) => a - b);
}

function valuesOfPart({ what, from, to, names = [] }: Field, part: string): number[] {
  const [, range = '', step = '1'] = /^(\*|\w+(?:-\w+)?)(?:\/(\d{1,4}))?$/.exec(part) ?? [];
  const [first = '', last = part.includes('/') ? String(to) : first] = range === '*' ? [String(from), String(to)] : range.split('-');
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toLowerCase());
    return named >= 0 ? named + (from === 1 ? 1 : 0) : /^\d{1,4}$/.test(word) ? Number(word) : Number.NaN;
  };
  const [begin, end, by] = [numberOf(first), numberOf(last), Number(step)];
  if (!(begin >= from && end <= to && begin <= end && by >= 1))
    throw new RangeError(
      `${JSON.stringify(part)} is no ${what}: write numbers from ${from} to ${to}, ranges such as ${from}-${to}, or */2`,
    );
  return Array.from({ length: Math.floor((end - begin) / by) + 1 }, (_, index) => begin + index * by);
}

function nextDay({ fits }: Pick<Cron, 'fits'>, from: number): number | undefined {
  for (let day = from; day <= from + HORIZON_DAYS; day += 1) if (fits(day)) return day;
  return undefined;
}

/**
 * The first time after `after`. Where the clocks change, an expression for every hour goes by the time that passes: an hour that comes twice
 * counts twice, and one that is left out does not count. One for certain hours comes once on each of its days: the first time where a time
 * comes twice, and as much later as the clocks were put forward where it is left out.
 */
export function nextCron(cron: Cron, zone: TimeZone, after: Instant): Instant {
  const next = cron.hours.length === 24 ? nextOfEveryHour(cron, zone, after) : nextOfHours(cron, zone, after);
  if (next === undefined) throw new RangeError(`${JSON.stringify(cron.text)} never comes`);
  return next;
}

function nextOfEveryHour(cron: Cron, zone: TimeZone, after: Instant): Instant | undefined {
  const { minutes } = cron;
  for (let at = (Math.floor(after.getTime() / MINUTE_MS) + 1) * MINUTE_MS; ; ) {
    const local = zone.toLocal(new Date(at));
    const today = Math.floor(local / DAY_MS);
    const day = nextDay(cron, today);
    if (day === undefined) return undefined;
    const minute = Math.floor(local / MINUTE_MS) % 60;
    const wait = minutes.find((each) => each >= minute);
    if (day !== today) at = Math.max(at + MINUTE_MS, zone.toInstant(day * DAY_MS).getTime());
    else if (wait === minute) return new Date(at);
    // To the minute, or to the next hour: the clocks may have changed there, so it is looked at again.
    else at += ((wait ?? 60) - minute) * MINUTE_MS;
  }
}

function nextOfHours(cron: Cron, zone: TimeZone, after: Instant): Instant | undefined {
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => hour * HOUR_MS + minute * MINUTE_MS));
  // From the day before: what a gap moved may belong to it.
  let from = Math.floor(zone.toLocal(after) / DAY_MS) - 1;
  for (;;) {
    const day = nextDay(cron, from);
    if (day === undefined) return undefined;
    // A gap moves a time past those that follow it, also those of the next day.
    const days = cron.fits(day + 1) ? [day, day + 1] : [day];
    const later = days
      .flatMap((each) => times.map((time) => zone.toInstant(each * DAY_MS + time).getTime()))
      .filter((at) => at > after.getTime());
    if (later.length > 0) return new Date(Math.min(...later));
    from = day + 1;
  }
}
