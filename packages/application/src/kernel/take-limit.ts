import type { Call } from './call.ts';

/** Which budgets an operation takes from, beside those of its transport. */
export type LimitPolicy = 'messages';

/**
 * Takes from the budgets of an operation. Undefined, in the same turn, where all of them have granted it; a promise where one waits for what all nodes
 * share. Throws `RATE_LIMITED`, or rejects with it, and has then taken nothing.
 */
export type TakeLimit = (policy: LimitPolicy, input: unknown, call: Call) => Promise<void> | undefined;
