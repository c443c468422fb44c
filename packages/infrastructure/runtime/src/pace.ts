/** People who wait for less notice nothing. */
const UNNOTICED_MS = 10;
/** The longest rest, in multiples of the work before it: a quarter of the time is the runner's under any load. */
const MOST_REST = 3;
const LONGEST_REST_MS = 1_000;
/** What one round may take: until it ends, it gives way to nobody. */
const LONG_MS = 100;
const MOST_AT_ONCE = 1_024;

/**
 * How long to rest after work that took `workedMs`, while calls wait for `waitedMs`, and waited for `waitedBeforeMs` in the round before: not at all on
 * an idle server, and the longer the more others wait, up to three times the work and a second. One stall, which is over by then, is no
 * reason to rest.
 */
export function restAfter(workedMs: number, waitedMs: number, waitedBeforeMs: number): number {
  const noticedMs = Math.max(0, Math.min(waitedMs, waitedBeforeMs) - UNNOTICED_MS);
  return Math.min(LONGEST_REST_MS, workedMs * Math.min(MOST_REST, noticedMs / UNNOTICED_MS));
}

/** The next claim's size: larger while behind, for an event costs less in company, as long as rounds stay short. */
export function nextSize(size: number, least: number, { isFull, workedMs }: Readonly<{ isFull: boolean; workedMs: number }>): number {
  if (!isFull) return least;
  if (workedMs > 2 * LONG_MS) return Math.max(least, size >> 1);
  return workedMs > LONG_MS ? size : Math.min(Math.max(least, MOST_AT_ONCE), size * 2);
}
