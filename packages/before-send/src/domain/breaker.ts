import type { Instant } from '@coucou/domain/kernel/ids';
import { jittered } from '@coucou/domain/kernel/retries';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';

/**
 * A circuit breaker. Closed, calls are made; from some failures in a row on it is open, and none is; after a pause it is half-open, and one call
 * finds out whether the other side is back.
 */
export type Breaker = Readonly<{
  /** Since the last success. */
  failures: number;
  openUntil: Instant | undefined;
  /** The one call of a half-open breaker is under way. */
  probing: boolean;
}>;
export type BreakerState = 'closed' | 'open' | 'halfOpen';

const OPENED_BY = 5;
const PAUSE_SECONDS = { first: 5, most: 30 };

const CLOSED: Breaker = { failures: 0, openUntil: undefined, probing: false };

const stateOf = ({ openUntil }: Breaker, now: Instant): BreakerState =>
  openUntil === undefined ? 'closed' : isPast(openUntil, now) ? 'halfOpen' : 'open';

/** What it becomes by a call that is made now; undefined where none may be. */
function admit(breaker: Breaker, now: Instant): Breaker | undefined {
  switch (stateOf(breaker, now)) {
    case 'closed':
      return breaker;
    case 'open':
      return undefined;
    case 'halfOpen':
      return breaker.probing ? undefined : { ...breaker, probing: true };
  }
}

type Ended = Readonly<{ succeeded: boolean /** It was the probe. */; probed: boolean }>;

/** After a call. What was under way when the breaker opened says nothing new by failing: one short outage is one pause. */
function settle(breaker: Breaker, { succeeded, probed }: Ended, now: Instant, chance: () => number): Breaker {
  if (succeeded) return CLOSED;
  if (breaker.openUntil !== undefined && !probed) return breaker;
  const failures = breaker.failures + 1;
  if (failures < OPENED_BY) return { ...breaker, failures };
  const pause = Math.min(PAUSE_SECONDS.first * 2 ** (failures - OPENED_BY), PAUSE_SECONDS.most);
  return { failures, openUntil: addSeconds(now, jittered(pause, chance)), probing: false };
}

export const Breaker = { CLOSED, stateOf, admit, settle };
