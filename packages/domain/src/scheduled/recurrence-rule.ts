import { limits } from '../kernel/limits.ts';
import type { LocalTime } from '../kernel/time-zone.ts';

export type Frequency = 'HOURLY' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** A day of the week (0 is Sunday), or the nth one of its month or year, counted from the end where it is negative. */
export type WeekdayRule = Readonly<{ weekday: number; nth: number | undefined }>;

/** A recurrence rule of RFC 5545 (3.3.10). An empty list limits nothing. */
export type RecurrenceRule = Readonly<{
  frequency: Frequency;
  interval: number;
  count: number | undefined;
  /** Inclusive: an instant, or where the rule names no zone the local time. */
  until: Readonly<{ instant: number }> | Readonly<{ local: LocalTime }> | undefined;
  months: readonly number[];
  weekNumbers: readonly number[];
  yearDays: readonly number[];
  monthDays: readonly number[];
  weekdays: readonly WeekdayRule[];
  hours: readonly number[];
  minutes: readonly number[];
  positions: readonly number[];
  weekStart: number;
}>;

/** What is wrong with a part of a rule; `isTooOften`: it asks for more than anybody may have. */
export type RuleProblem = Readonly<{ part: string; message: string; isTooOften?: true }>;

export type ParsedRule = Readonly<{ rule: RecurrenceRule }> | Readonly<{ problems: readonly RuleProblem[] }>;

const FREQUENCIES: readonly string[] = ['HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] satisfies Frequency[];
const TOO_OFTEN: readonly string[] = ['SECONDLY', 'MINUTELY'];
const WEEKDAYS: readonly string[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const NAMES: readonly string[] =
  'FREQ INTERVAL COUNT UNTIL BYMONTH BYWEEKNO BYYEARDAY BYMONTHDAY BYDAY BYHOUR BYMINUTE BYSECOND BYSETPOS WKST'.split(' ');
const UNTIL = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/;

/** Reads the value of an `RRULE`, such as `FREQ=WEEKLY;BYDAY=MO,WE`, or says everything that is wrong with it. */
export function parseRecurrenceRule(text: string): ParsedRule {
  const problems: RuleProblem[] = [];
  const wrong = (part: string, message: string): void => void problems.push({ part, message });
  const given = partsOf(text, wrong);

  const frequency = given.get('FREQ');
  if (frequency === undefined) wrong('FREQ', 'is required');
  else if (TOO_OFTEN.includes(frequency))
    problems.push({ part: 'FREQ', message: `must be one of ${FREQUENCIES.join(', ')}`, isTooOften: true });
  else if (!FREQUENCIES.includes(frequency)) wrong('FREQ', `must be one of ${FREQUENCIES.join(', ')}`);

  const whole = (name: string, most: number): number | undefined => {
    const value = given.get(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\d{1,9}$/.test(value) && number >= 1 && number <= most) return number;
    wrong(name, `must be a whole number from 1 to ${most}`);
    return undefined;
  };
  /** From `least` to `most`; without `least` from 1 to it, or counted from the end by negative numbers. */
  const list = (name: string, most: number, least?: number): readonly number[] => {
    const value = given.get(name);
    if (value === undefined) return [];
    const pattern = least === undefined ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/;
    const numbers = value.split(',').map((each) => (pattern.test(each) ? Number(each) : Number.NaN));
    const fits = (number: number) => (least === undefined ? number !== 0 && Math.abs(number) <= most : number >= least && number <= most);
    if (numbers.every(fits)) return [...new Set(numbers)].toSorted((a, b) => a - b);
    wrong(name, `must list whole numbers from ${least === undefined ? `1 to ${most}, or from -${most} to -1` : `${least} to ${most}`}`);
    return [];
  };

  const rule = {
    frequency: frequency as Frequency,
    interval: whole('INTERVAL', limits.scheduled.interval) ?? 1,
    count: whole('COUNT', limits.scheduled.occurrences),
    until: untilOf(given.get('UNTIL'), wrong),
    months: list('BYMONTH', 12, 1),
    weekNumbers: list('BYWEEKNO', 53),
    yearDays: list('BYYEARDAY', 366),
    monthDays: list('BYMONTHDAY', 31),
    weekdays: weekdaysOf(given.get('BYDAY'), wrong),
    hours: list('BYHOUR', 23, 0),
    minutes: list('BYMINUTE', 59, 0),
    positions: list('BYSETPOS', 366),
    weekStart: Math.max(0, WEEKDAYS.indexOf(given.get('WKST') ?? 'MO')),
  };
  checkTogether(rule, given, wrong);
  return problems.length > 0 ? { problems } : { rule };
}

type Wrong = (part: string, message: string) => void;

function partsOf(text: string, wrong: Wrong): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value, ...rest] = part.toUpperCase().split('=');
    if (value === undefined || value === '' || rest.length > 0) wrong(name, 'must have the form NAME=VALUE');
    else if (!NAMES.includes(name)) wrong(name, 'is no part of a recurrence rule');
    else if (given.has(name)) wrong(name, 'is given more than once');
    else given.set(name, value);
  }
  return given;
}

function untilOf(value: string | undefined, wrong: Wrong): RecurrenceRule['until'] {
  if (value === undefined) return undefined;
  const [, year, month, day, hour, minute, second, zone] = UNTIL.exec(value) ?? [];
  if (year !== undefined && month !== undefined && day !== undefined) {
    const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
    const isDate = new Date(date).toISOString().startsWith(`${year}-${month}-${day}`);
    // A date means the whole of it.
    if (isDate && hour === undefined) return { local: date + 86_399_999 };
    if (isDate && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60) {
      const at = date + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
      return zone === 'Z' ? { instant: at } : { local: at };
    }
  }
  wrong('UNTIL', 'must be a date (20261231) or a time (20261231T235959Z)');
  return undefined;
}

function weekdaysOf(value: string | undefined, wrong: Wrong): readonly WeekdayRule[] {
  if (value === undefined) return [];
  const days = value.split(',').map((each) => {
    const [, nth, name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(each) ?? [];
    return { weekday: WEEKDAYS.indexOf(name), nth: nth === undefined ? undefined : Number(nth) };
  });
  if (days.every(({ weekday, nth }) => weekday >= 0 && nth !== 0 && Math.abs(nth ?? 1) <= 53)) return days;
  wrong('BYDAY', 'must list days such as MO, 1MO (the first one) or -1MO (the last one)');
  return [];
}

/** What the table of RFC 5545 (3.3.10) rules out, and what is not supported here. */
function checkTogether(rule: RecurrenceRule, given: ReadonlyMap<string, string>, wrong: Wrong): void {
  const { frequency } = rule;
  const only = (part: string, ...frequencies: readonly Frequency[]): void => {
    if (given.has(part) && FREQUENCIES.includes(frequency) && !frequencies.includes(frequency))
      wrong(part, `does not go with FREQ=${frequency}`);
  };
  only('BYWEEKNO', 'YEARLY');
  only('BYYEARDAY', 'HOURLY', 'YEARLY');
  only('BYMONTHDAY', 'HOURLY', 'DAILY', 'MONTHLY', 'YEARLY');
  if (given.has('BYSECOND')) wrong('BYSECOND', 'is not supported: all occurrences have the second of the start');
  if (given.has('WKST') && !WEEKDAYS.includes(given.get('WKST') ?? '')) wrong('WKST', `must be one of ${WEEKDAYS.join(', ')}`);
  if (given.has('COUNT') && given.has('UNTIL')) wrong('COUNT', 'does not go with UNTIL');
  if (given.has('BYSETPOS') && [...given.keys()].every((name) => !name.startsWith('BY') || name === 'BYSETPOS'))
    wrong('BYSETPOS', 'goes with another BY part only');
  if (rule.weekdays.some(({ nth }) => nth !== undefined)) {
    if (frequency !== 'MONTHLY' && frequency !== 'YEARLY') wrong('BYDAY', 'takes a number before a day with FREQ=MONTHLY or YEARLY only');
    if (given.has('BYWEEKNO')) wrong('BYDAY', 'takes no number before a day beside BYWEEKNO');
  }
}
