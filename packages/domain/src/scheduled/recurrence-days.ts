import type { RecurrenceRule } from './recurrence-rule.ts';
import type { LocalTime } from '../kernel/time-zone.ts';

export const DAY_MS = 86_400_000;

/** Days since 1970-01-01, which was a Thursday. */
export const dayOf = (local: LocalTime): number => Math.floor(local / DAY_MS);
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** The day on which the week of this day begins. */
export const weekStartOf = (day: number, weekStart: number): number => day - ((weekdayOf(day) - weekStart + 7) % 7);

/** Week 1 is the first with four days or more in its year (RFC 5545, BYWEEKNO). */
const firstWeekOf = (year: number, weekStart: number): number => weekStartOf(dayOf(Date.UTC(year, 0, 4)), weekStart);

function weekNumber(day: number, weekStart: number): Readonly<{ number: number; ofYear: number }> {
  const start = weekStartOf(day, weekStart);
  const year = new Date((start + 3) * DAY_MS).getUTCFullYear();
  const first = firstWeekOf(year, weekStart);
  return { number: (start - first) / 7 + 1, ofYear: (firstWeekOf(year + 1, weekStart) - first) / 7 };
}

/** Whether the list names this place of `of`, from the front or from the end. */
const names = (list: readonly number[], place: number, of: number): boolean => list.includes(place) || list.includes(place - of - 1);

/**
 * Whether a rule has occurrences on a day. Where it does not say which days it means, they are those of the start: the same day of the week, of
 * the month or of the year.
 */
export function checkerOf(rule: RecurrenceRule, start: LocalTime): (day: number) => boolean {
  const { frequency, weekStart, weekNumbers, yearDays } = rule;
  const begun = new Date(start);
  const isOpen = weekNumbers.length + yearDays.length + rule.monthDays.length + rule.weekdays.length === 0;
  const months = isOpen && frequency === 'YEARLY' && rule.months.length === 0 ? [begun.getUTCMonth() + 1] : rule.months;
  const monthDays = isOpen && (frequency === 'YEARLY' || frequency === 'MONTHLY') ? [begun.getUTCDate()] : rule.monthDays;
  const weekdays = isOpen && frequency === 'WEEKLY' ? [{ weekday: begun.getUTCDay(), nth: undefined }] : rule.weekdays;
  const nthOfYear = frequency === 'YEARLY' && rule.months.length === 0;

  return (day) => {
    const date = new Date(day * DAY_MS);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (months.length > 0 && !months.includes(month + 1)) return false;
    if (weekNumbers.length > 0) {
      const { number, ofYear } = weekNumber(day, weekStart);
      if (!names(weekNumbers, number, ofYear)) return false;
    }
    const firstOfYear = dayOf(Date.UTC(year, 0, 1));
    const daysOfYear = dayOf(Date.UTC(year + 1, 0, 1)) - firstOfYear;
    const yearDay = day - firstOfYear + 1;
    if (yearDays.length > 0 && !names(yearDays, yearDay, daysOfYear)) return false;
    const monthDay = date.getUTCDate();
    const daysOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    if (monthDays.length > 0 && !names(monthDays, monthDay, daysOfMonth)) return false;
    if (weekdays.length === 0) return true;
    const [place, of] = nthOfYear ? [yearDay, daysOfYear] : [monthDay, daysOfMonth];
    const fromFront = Math.ceil(place / 7);
    const fromEnd = -Math.ceil((of - place + 1) / 7);
    return weekdays.some(({ weekday, nth }) => weekday === weekdayOf(day) && (nth === undefined || nth === fromFront || nth === fromEnd));
  };
}
