import type { Instant } from '../kernel/ids.ts';
import type { RecurrenceRule } from './recurrence-rule.ts';
import { checkerOf, dayOf, DAY_MS, weekStartOf } from './recurrence-days.ts';
import type { LocalTime, TimeZone } from '../kernel/time-zone.ts';

/** A rule with what it is counted from. Occurrences have the wall-clock time of the zone, whatever its offset is by then. */
export type Series = Readonly<{ rule: RecurrenceRule; zone: TimeZone; startsAt: Instant }>;

/**
 * How far ahead an occurrence is looked for, in days. The calendar repeats itself after 28 years, but for years such as 2100: a rule without an
 * occurrence until then has none any more. It bounds what a hostile rule costs.
 */
const HORIZON_DAYS = 41 * 366;
const HOUR_MS = 3_600_000;

/** The first occurrence after `after`; undefined when there is none. The start is an occurrence where it fits the rule. */
export function occurrenceAfter({ rule, zone, startsAt }: Series, after: Instant): Instant | undefined {
  const start = new Date(Math.floor(startsAt.getTime() / 1_000) * 1_000);
  const localStart = zone.toLocal(start);
  // A day earlier: what a gap moved has a later wall-clock time than the rule says.
  const from = rule.count === undefined ? Math.max(localStart, zone.toLocal(after) - DAY_MS) : localStart;
  let last = start.getTime() - 1;
  let count = 0;
  for (const local of localOccurrences(rule, localStart, from)) {
    if (rule.until !== undefined && 'local' in rule.until && local > rule.until.local) return undefined;
    const at = zone.toInstant(local);
    if (rule.until !== undefined && 'instant' in rule.until && at.getTime() > rule.until.instant) return undefined;
    // Where a gap moves one to the time of the next, they are one.
    if (at.getTime() <= last) continue;
    last = at.getTime();
    if (at > after) return at;
    count += 1;
    if (count === rule.count) return undefined;
  }
  return undefined;
}

/** In order, from the period of `from` on. */
function* localOccurrences(rule: RecurrenceRule, start: LocalTime, from: LocalTime): Generator<LocalTime> {
  // Without those that no set is large enough for: a hostile rule would have each period searched for them.
  const most = mostInPeriod(rule, start);
  const positions = rule.positions.filter((position) => Math.abs(position) <= most);
  if (positions.length === 0 && rule.positions.length > 0) return;
  for (const period of periodsOf(rule, start, from))
    for (const local of positions.length === 0 ? period : positioned(period, positions)) if (local >= start) yield local;
}

/** How many times the set of a period may hold, at most. */
function mostInPeriod(rule: RecurrenceRule, start: LocalTime): number {
  const weekdays = rule.weekdays.length === 0 ? 7 : new Set(rule.weekdays.map(({ weekday }) => weekday)).size;
  const days = { DAILY: 1, WEEKLY: weekdays, MONTHLY: 31, YEARLY: 366 };
  return rule.frequency === 'HOURLY' ? minutesOf(rule, start).length : days[rule.frequency] * timesOf(rule, start).length;
}

function positioned(period: readonly LocalTime[], positions: readonly number[]): readonly LocalTime[] {
  const places = positions.map((position) => (position > 0 ? position - 1 : period.length + position));
  return [...new Set(places)].toSorted((a, b) => a - b).flatMap((place) => period[place] ?? []);
}

/** The set of each period of the rule, where it is not empty. */
function* periodsOf(rule: RecurrenceRule, start: LocalTime, from: LocalTime): Generator<readonly LocalTime[]> {
  const { frequency, interval } = rule;
  const fits = checkerOf(rule, start);
  const times = timesOf(rule, start);
  const onDays = (first: number, end: number): LocalTime[] => {
    const set: LocalTime[] = [];
    for (let day = first; day < end; day += 1) if (fits(day)) for (const time of times) set.push(day * DAY_MS + time);
    return set;
  };
  if (frequency === 'HOURLY') {
    yield* hourly(rule, start, from, fits);
    return;
  }
  const { first, at } = calendar(rule, start);
  const last = dayOf(from) + HORIZON_DAYS;
  for (let index = Math.floor(Math.max(0, first(from)) / interval) * interval; at(index) <= last; index += interval) {
    const set = onDays(at(index), at(index + 1));
    if (set.length > 0) yield set;
  }
}

/** Periods by their number since that of the start: the number of the one that a time is in, and the first day of each. */
function calendar({ frequency, weekStart }: RecurrenceRule, start: LocalTime) {
  const begun = new Date(start);
  const [year, month] = [begun.getUTCFullYear(), begun.getUTCMonth()];
  switch (frequency) {
    case 'YEARLY':
      return {
        first: (local: LocalTime) => new Date(local).getUTCFullYear() - year,
        at: (index: number) => dayOf(Date.UTC(year + index, 0, 1)),
      };
    case 'MONTHLY':
      return {
        first: (local: LocalTime) => (new Date(local).getUTCFullYear() - year) * 12 + new Date(local).getUTCMonth() - month,
        at: (index: number) => dayOf(Date.UTC(year, month + index, 1)),
      };
    case 'WEEKLY': {
      const week = weekStartOf(dayOf(start), weekStart);
      return { first: (local: LocalTime) => Math.floor((dayOf(local) - week) / 7), at: (index: number) => week + index * 7 };
    }
    default:
      return { first: (local: LocalTime) => dayOf(local) - dayOf(start), at: (index: number) => dayOf(start) + index };
  }
}

/** Each hour is a period. Days that do not fit are passed over as a whole. */
function* hourly(rule: RecurrenceRule, start: LocalTime, from: LocalTime, fits: (day: number) => boolean): Generator<readonly LocalTime[]> {
  const begun = Math.floor(start / HOUR_MS);
  const offsets = minutesOf(rule, start).map((minute) => minute * 60_000 + (start % 60_000));
  for (let day = dayOf(from); day <= dayOf(from) + HORIZON_DAYS; day += 1) {
    if (!fits(day)) continue;
    for (let hour = 0; hour < 24; hour += 1) {
      const isIn = (day * 24 + hour - begun) % rule.interval === 0 && (rule.hours.length === 0 || rule.hours.includes(hour));
      if (isIn) yield offsets.map((offset) => day * DAY_MS + hour * HOUR_MS + offset);
    }
  }
}

const minutesOf = ({ minutes }: RecurrenceRule, start: LocalTime): readonly number[] =>
  minutes.length > 0 ? minutes : [new Date(start).getUTCMinutes()];

/** Milliseconds into a day. */
function timesOf(rule: RecurrenceRule, start: LocalTime): readonly number[] {
  const hours = rule.hours.length > 0 ? rule.hours : [new Date(start).getUTCHours()];
  return hours.flatMap((hour) => minutesOf(rule, start).map((minute) => hour * HOUR_MS + minute * 60_000 + (start % 60_000)));
}

/**
 * The shortest time between two occurrences that the rule could have, in seconds, by its hours and minutes: those of a day that it does not
 * reach are taken for reached.
 */
export function shortestGapSeconds(rule: RecurrenceRule, localStart: LocalTime): number {
  const minutes = minutesOf(rule, localStart);
  const times = rule.frequency === 'HOURLY' ? minutes.map((minute) => minute * 60_000) : timesOf(rule, localStart);
  const whole = rule.frequency === 'HOURLY' ? HOUR_MS : DAY_MS;
  const gaps = times.map((time, at) => (times[at + 1] ?? (times[0] ?? 0) + whole) - time);
  return Math.min(...gaps) / 1_000;
}
