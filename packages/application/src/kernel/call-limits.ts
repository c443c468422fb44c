import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { Call } from './call.ts';
import { networkOf } from './network-of.ts';
import type { OperationLimits } from './operation-limits.ts';
import type { Ports } from './token.ts';
import { metrics as catalogue } from '../metrics/catalogue.ts';
import { Metrics } from '../ports/metrics.ts';
import { type Quota, TrafficLimiter, type TrafficRule } from '../ports/traffic-limiter.ts';
import { TrafficRules } from '../ports/traffic-rules.ts';

export type CallLimits = Readonly<{
  /** One request over HTTP of who is known: a person, an API key, or a network that nobody is signed in from. Undefined: without limit. */
  takeRequest: (caller: Pick<Call, 'account' | 'actor' | 'program' | 'client'>) => Quota | Promise<Quota> | undefined;
  /** One request over HTTP whose caller was not recognised, and so neither was the account. */
  takeUnrecognised: (ip: string) => Quota | Promise<Quota> | undefined;
  ofOperations: OperationLimits;
  /** The refusal of a call, which is counted: `RATE_LIMITED` with `{policy, limit, window, retryAfterSeconds}` (both in seconds). */
  refusal: (quota: Quota) => ChatError;
}>;

export const callLimitPorts = { limiter: TrafficLimiter, rules: TrafficRules, metrics: Metrics } as const;

type Claim = Readonly<{ rule: TrafficRule; key: string }>;

/** The limits around every call, the same on all transports. */
export function createCallLimits({ limiter, rules, metrics }: Ports<typeof callLimitPorts>): CallLimits {
  const { rest, userMessages, conversationMessages } = rules;

  function refusal({ rule, rate, retryAfterMs }: Quota): ChatError {
    metrics.counter(catalogue.limitsRefused, { policy: rule.name }).add();
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    return errors.RATE_LIMITED({ policy: rule.name, limit: rate.limit, window: rate.windowSeconds, retryAfterSeconds });
  }

  /** One message in each conversation: a forward has several. Where the conversation is not known yet it is new, and has room. */
  function claimsOf(input: unknown, { actor }: Call): Claim[] {
    const { conversationId, conversationIds } = input as { conversationId?: string; conversationIds?: readonly string[] };
    const claims: Claim[] = [];
    for (const id of conversationIds ?? [conversationId]) {
      if (userMessages !== undefined && actor !== undefined) claims.push({ rule: userMessages, key: actor.userId });
      if (conversationMessages !== undefined && id !== undefined) claims.push({ rule: conversationMessages, key: id });
    }
    return claims;
  }

  /** What was taken before another budget refused goes back. */
  function accept(quota: Quota, claims: readonly Claim[], at: number, call: Call): void {
    // How much goes on in a conversation is for its members, and who calls may be none.
    if (quota.rule !== conversationMessages || !quota.isAllowed) call.noteQuota?.(quota);
    if (quota.isAllowed) return;
    for (const { rule, key } of claims.slice(0, at)) limiter.giveBack(rule, key, call.account);
    throw refusal(quota);
  }

  function takeFrom(claims: readonly Claim[], from: number, call: Call): Promise<void> | undefined {
    for (let at = from; at < claims.length; at += 1) {
      const { rule, key } = claims[at] as Claim;
      const quota = limiter.take(rule, key, call.account);
      if (quota instanceof Promise)
        return quota.then((known) => {
          accept(known, claims, at, call);
          return takeFrom(claims, at + 1, call);
        });
      accept(quota, claims, at, call);
    }
    return undefined;
  }

  return {
    takeRequest({ account, actor, program, client }) {
      // The operator's key is as good as the server's configuration.
      if (rest === undefined || program?.by === 'operator') return undefined;
      return limiter.take(rest, actor?.userId ?? program?.id ?? networkOf(client.ip), account);
    },
    takeUnrecognised: (ip) => rest && limiter.take(rest, networkOf(ip)),
    ofOperations: {
      take: (_policy, input, call) => takeFrom(claimsOf(input, call), 0, call),
      giveBack(_policy, input, call) {
        for (const { rule, key } of claimsOf(input, call)) if (rule === conversationMessages) limiter.giveBack(rule, key, call.account);
      },
    },
    refusal,
  };
}
