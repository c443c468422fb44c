import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/** The only file of the tests that owns a timer: everything else waits for a condition or an event, with a deadline. */

export type UntilOptions = { timeoutMs?: number; what: string };

/**
 * Waits until `condition` answers something truthy, and gives that back. A condition that throws counts as "not yet";
 * the last thing thrown is the cause of the failure at the deadline.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, what }: UntilOptions,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt += 1) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause });
    // In-process work is usually done within a few turns of the loop; what takes longer is asked for less often.
    await (attempt < 10 ? nextTurn() : pause(Math.min(attempt, 50)));
  }
}

/** `promise`, or an error naming what did not come in time. */
export async function withDeadline<T>(promise: Promise<T>, { timeoutMs = 10_000, what }: UntilOptions): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
