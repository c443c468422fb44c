import type { Call } from './call.ts';

/** Which budgets an operation takes from, beside those of its transport. */
export type LimitPolicy = 'messages';

export type OperationLimits = Readonly<{
  /**
   * Takes from the budgets of an operation. Undefined, in the same turn, where all of them have granted it; a promise where one waits for what all
   * nodes share. Throws `RATE_LIMITED`, or rejects with it, and has then taken nothing.
   */
  take: (policy: LimitPolicy, input: unknown, call: Call) => Promise<void> | undefined;
  /** After a call that failed, or found what it makes there already: nobody spends what belongs to others by calls that add nothing. What is the caller's own stays taken. */
  giveBack: (policy: LimitPolicy, input: unknown, call: Call) => void;
}>;
