import type { Instant } from '@coucou/domain/kernel/ids';

/** A calendar month in UTC, as in `2026-01`. */
export type Month = string;

const of = (at: Instant): Month => at.toISOString().slice(0, 7);
const start = (month: Month): Instant => new Date(`${month}-01T00:00:00.000Z`);

/** `months` later, or earlier. */
function shifted(month: Month, months: number): Month {
  const at = start(month);
  at.setUTCMonth(at.getUTCMonth() + months);
  return of(at);
}

const end = (month: Month): Instant => start(shifted(month, 1));

export const Month = { of, start, end, shifted };
