import { token } from '../kernel/token.ts';

/** A limit per window (seconds). `name` separates the counts of different rules. */
export type RateLimit = Readonly<{ name: string; limit: number; windowSeconds: number }>;

/** A fixed-window counter: the window begins with the first call and resets at its end. */
export interface RateLimiter {
  /**
   * Takes one from the budget of `key`, atomically across all nodes; what is refused takes nothing. Where the counters of all nodes are away,
   * each counts by itself from where it last saw them. Throws `RATE_LIMITED` with `{limit, window, retryAfterSeconds}` (both in seconds) when nothing is left.
   */
  take(rule: RateLimit, key: string): Promise<void>;
  /** Returns one that was taken and does not count. */
  giveBack(rule: RateLimit, key: string): Promise<void>;
}
export const RateLimiter = token<RateLimiter>('RateLimiter');
