import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { BeforeSendHook } from '../domain/before-send-hook.ts';
import { Breaker } from '../domain/breaker.ts';
import { beforeSendLimits } from '../domain/limits.ts';
import type { CallGate, HookHealth } from './before-send-ports.ts';

/** Of so many accounts the process remembers how their hooks do. */
const MOST_KNOWN = 10_000;

type Known = {
  /** What the account configured, when this was found out: another address begins anew. */
  configured: number;
  breaker: Breaker;
  underWay: number;
  lastFailure: HookHealth['lastFailure'];
  lastAnswerAt: Instant | undefined;
};

const unknown = (configured: number, underWay = 0): Known => ({
  configured,
  breaker: Breaker.CLOSED,
  underWay,
  lastFailure: undefined,
  lastAnswerAt: undefined,
});

/** Per process. */
export function createCallGate({ atOnce, atOnceInAll }: Readonly<{ atOnce: number; atOnceInAll: number }> = beforeSendLimits): CallGate {
  const known = new Map<AccountId, Known>();
  let underWay = 0;

  function entryOf(account: AccountId): Known {
    const found = known.get(account) ?? unknown(0);
    // The last one used is the last one forgotten.
    known.delete(account);
    known.set(account, found);
    if (known.size > MOST_KNOWN)
      for (const [each, state] of known) {
        if (state.underWay > 0) continue;
        known.delete(each);
        break;
      }
    return found;
  }

  function place(account: AccountId): (() => void) | undefined {
    const mine = entryOf(account);
    if (underWay >= atOnceInAll || mine.underWay >= atOnce) return undefined;
    mine.underWay += 1;
    underWay += 1;
    return () => {
      mine.underWay -= 1;
      underWay -= 1;
    };
  }

  /** As it is configured now: what was found out about another configuration is forgotten. */
  function currentOf({ accountId, changedAt }: BeforeSendHook): Known {
    const found = entryOf(accountId);
    if (found.configured !== changedAt.getTime()) Object.assign(found, unknown(changedAt.getTime(), found.underWay));
    return found;
  }

  return {
    place,

    enter(hook, now) {
      const mine = currentOf(hook);
      const { configured } = mine;
      const admitted = Breaker.admit(mine.breaker, now);
      if (admitted === undefined) return 'circuit_open';
      const leavePlace = place(hook.accountId);
      if (leavePlace === undefined) return 'busy';
      const probes = admitted !== mine.breaker;
      mine.breaker = admitted;
      return {
        probes,
        leave(finding, at, chance) {
          leavePlace();
          if (mine.configured !== configured) return undefined;
          if (finding === undefined) mine.lastAnswerAt = at;
          else mine.lastFailure = { ...finding, at };
          const before = mine.breaker;
          mine.breaker = Breaker.settle(before, { succeeded: finding === undefined, probed: probes }, at, chance);
          if (mine.breaker.openUntil === before.openUntil) return undefined;
          return mine.breaker.openUntil === undefined ? 'closed' : 'opened';
        },
      };
    },

    health(hook, now) {
      const { breaker, lastFailure, lastAnswerAt } = currentOf(hook);
      const state = Breaker.stateOf(breaker, now);
      return { state, failures: breaker.failures, retryAt: state === 'open' ? breaker.openUntil : undefined, lastFailure, lastAnswerAt };
    },
  };
}
