import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Rate } from '@coucou/domain/kernel/rate';
import { token } from '../kernel/token.ts';

/** All rates hold. `name` separates the budgets of different rules, and is what clients and operators read. */
export type TrafficRule = Readonly<{ name: string; rates: readonly [Rate, ...Rate[]] }>;

/** A budget after a call: the rate of its rule that is nearest to its end. */
export type Quota = Readonly<{
  rule: TrafficRule;
  isAllowed: boolean;
  rate: Rate;
  /** Tokens left now. */
  remaining: number;
  /** Until a token is there; 0 where one is. */
  retryAfterMs: number;
  /** Until all of them are. */
  fullInMs: number;
}>;

/**
 * Token buckets (GCRA) for what everybody may do, only not without bound. Beside `RateLimiter`, whose fixed windows count tries at secrets exactly and
 * may be waited for; these decide about every call.
 */
export interface TrafficLimiter {
  /**
   * Takes one token of every rate of the rule, or none. A key is one of its account, or of the server without one. Answers at once from what the node knows of the budget; a promise only where the node
   * has granted as much as it may before the shared budget knows: a twentieth of the limit, nothing of a limit below ten. Nodes together grant no
   * more than that beyond the limit. Where the shared budgets are away each node goes on by itself from where it last saw them.
   */
  take(rule: TrafficRule, key: string, account?: AccountId): Quota | Promise<Quota>;
  /** Returns one that was taken, where another rule refused the same call. */
  giveBack(rule: TrafficRule, key: string, account?: AccountId): void;
}
export const TrafficLimiter = token<TrafficLimiter>('TrafficLimiter');
