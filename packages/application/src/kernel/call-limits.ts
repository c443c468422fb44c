import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import type { Call } from './call.ts';
import { networkOf } from './network-of.ts';
import type { OperationLimits } from './operation-limits.ts';
import type { Ports } from './token.ts';
import { metrics as catalogue } from '../metrics/catalogue.ts';
import { AccountRules } from '../ports/account-rules.ts';
import { Metrics } from '../ports/metrics.ts';
import { PostingSnapshots } from '../ports/posting-snapshots.ts';
import { type Quota, TrafficLimiter, type TrafficRule } from '../ports/traffic-limiter.ts';
import { TrafficRules } from '../ports/traffic-rules.ts';

export type CallLimits = Readonly<{
  /** One request over HTTP: of a person or an API key by the limits of their account, and of a network where nobody is signed in, whatever account it names. Undefined: without limit. */
  takeRequest: (caller: Pick<Call, 'account' | 'actor' | 'program' | 'client'>) => Quota | Promise<Quota> | undefined;
  /** One request over HTTP whose caller was not recognised: from the same budget of its network as one without a token. */
  takeUnrecognised: (ip: string) => Quota | Promise<Quota> | undefined;
  /** One file by signed URL, which needs no caller. */
  takeFile: (ip: string) => Quota | Promise<Quota> | undefined;
  ofOperations: OperationLimits;
  /** The refusal of a call, which is counted: `RATE_LIMITED` with `{policy, limit, window, retryAfterSeconds}` (both in seconds). */
  refusal: (quota: Quota) => ChatError;
}>;

export const callLimitPorts = {
  limiter: TrafficLimiter,
  rules: TrafficRules,
  accountRules: AccountRules,
  snapshots: PostingSnapshots,
  metrics: Metrics,
} as const;

type Claim = Readonly<{ rule: TrafficRule; key: string; conversation?: true }>;

/** The limits around every call, the same on all transports. */
export function createCallLimits({ limiter, rules, accountRules, snapshots, metrics }: Ports<typeof callLimitPorts>): CallLimits {
  const { rest, files } = rules;
  /** Of calls from which a conversation that is at its limit stays hidden: its budget gave them nothing, and gets nothing back. */
  const hidden = new WeakMap<Call, Set<string>>();

  function refusal({ rule, rate, retryAfterMs }: Quota): ChatError {
    metrics.counter(catalogue.limitsRefused, { policy: rule.name }).add();
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    return errors.RATE_LIMITED({ policy: rule.name, limit: rate.limit, window: rate.windowSeconds, retryAfterSeconds });
  }

  /** One message in each conversation: a forward has several. Where the conversation is not known yet it is new, and has room. */
  function claimsOf(input: unknown, { account, actor }: Call): Claim[] {
    const { userMessages, conversationMessages } = accountRules.of(account);
    const { conversationId, conversationIds } = input as { conversationId?: string; conversationIds?: readonly string[] };
    const claims: Claim[] = [];
    for (const id of conversationIds ?? [conversationId]) {
      if (userMessages !== undefined && actor !== undefined) claims.push({ rule: userMessages, key: actor.userId });
      if (conversationMessages !== undefined && id !== undefined) claims.push({ rule: conversationMessages, key: id, conversation: true });
    }
    return claims;
  }

  /** How much goes on in a conversation is for its members: whoever else calls is answered as they would be without this limit. */
  async function isHiddenFrom({ account, actor }: Call, conversation: string): Promise<boolean> {
    if (actor === undefined) return false;
    return (await snapshots.get(account, asId(conversation), actor.userId))?.member === undefined;
  }

  /** What was taken before another budget refused goes back. */
  function refuse(quota: Quota, claims: readonly Claim[], at: number, call: Call): never {
    call.noteQuota?.(quota);
    for (const { rule, key, conversation } of claims.slice(0, at))
      if (conversation !== true || hidden.get(call)?.has(key) !== true) limiter.giveBack(rule, key, call.account);
    throw refusal(quota);
  }

  /** A promise only where a conversation refuses, so that a granted call asks nobody. */
  function accept(quota: Quota, claims: readonly Claim[], at: number, call: Call): Promise<void> | undefined {
    const { key, conversation } = claims[at] as Claim;
    if (conversation !== true) {
      if (!quota.isAllowed) refuse(quota, claims, at, call);
      call.noteQuota?.(quota);
      return undefined;
    }
    if (quota.isAllowed) return undefined;
    return isHiddenFrom(call, key).then((isHidden) => {
      if (!isHidden) refuse(quota, claims, at, call);
      hidden.set(call, (hidden.get(call) ?? new Set()).add(key));
    });
  }

  function takeFrom(claims: readonly Claim[], from: number, call: Call): Promise<void> | undefined {
    for (let at = from; at < claims.length; at += 1) {
      const { rule, key } = claims[at] as Claim;
      const quota = limiter.take(rule, key, call.account);
      const waiting = quota instanceof Promise ? quota.then((known) => accept(known, claims, at, call)) : accept(quota, claims, at, call);
      if (waiting !== undefined) return waiting.then(() => takeFrom(claims, at + 1, call));
    }
    return undefined;
  }

  return {
    takeRequest({ account, actor, program, client }) {
      // The operator's key is as good as the server's configuration.
      if (program?.by === 'operator') return undefined;
      const who = actor?.userId ?? program?.id;
      if (who === undefined) return rest && limiter.take(rest, networkOf(client.ip));
      const { rest: own } = accountRules.of(account);
      return own && limiter.take(own, who, account);
    },
    takeUnrecognised: (ip) => rest && limiter.take(rest, networkOf(ip)),
    takeFile: (ip) => files && limiter.take(files, networkOf(ip)),
    ofOperations: {
      take: (_policy, input, call) => takeFrom(claimsOf(input, call), 0, call),
      giveBack(_policy, input, call) {
        for (const { rule, key, conversation } of claimsOf(input, call))
          if (conversation === true && hidden.get(call)?.has(key) !== true) limiter.giveBack(rule, key, call.account);
      },
    },
    refusal,
  };
}
