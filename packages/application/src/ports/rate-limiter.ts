import { token } from '../kernel/token.ts';

/** So many within a window of so many seconds. `name` keeps the counts of one rule apart from another's. */
export type RateLimit = Readonly<{ name: string; limit: number; windowSeconds: number }>;

/** Counts what somebody does; the count begins with the first and is forgotten at the end of the window. */
export interface RateLimiter {
  /** Takes one of what `key` may do. Throws `RATE_LIMITED` with `{limit, window, resetAt}` (seconds, RFC 3339) when nothing is left. */
  take(rule: RateLimit, key: string): Promise<void>;
  /** Gives one back that was taken: it turned out not to count. */
  giveBack(rule: RateLimit, key: string): Promise<void>;
}
export const RateLimiter = token<RateLimiter>('RateLimiter');
