import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Rate } from '@coucou/domain/kernel/rate';
import { isSame } from '@coucou/domain/kernel/same';
import type { Quota, TrafficRule } from '../ports/traffic-limiter.ts';
import { aheadMs, intervalMs, takeTokens, tokensIn, windowMs } from './gcra.ts';

/** The budget of one key under one rule. */
export type Bucket = {
  readonly rule: TrafficRule;
  readonly key: string;
  readonly account: AccountId | undefined;
  /** A theoretical arrival time for each rate of the rule. */
  readonly tats: number[];
  /** Taken here, and not yet known elsewhere; negative when more was given back. */
  owed: number;
};

export type TokenBucketsOptions = Readonly<{
  /** Milliseconds of a monotonic clock. */
  now: () => number;
  /** Buckets kept at most: beyond it one of the oldest is forgotten, and its key begins anew. */
  mostBuckets?: number;
}>;

/** Buckets in memory, by rule and key: what adapters of `TrafficLimiter` decide with. */
export type TokenBuckets = Readonly<{
  /** Where the rates of a rule have changed, its keys begin anew. */
  of: (rule: TrafficRule, key: string, account?: AccountId) => Bucket;
  /** Takes one of every rate, or none where one of them has nothing left. */
  take: (bucket: Bucket) => Quota;
  /** Takes (or, below zero, gives back) so many, whether they are there or not. */
  move: (bucket: Bucket, count: number) => void;
  left: (bucket: Bucket) => number;
  isFull: (bucket: Bucket) => boolean;
  quota: (bucket: Bucket, isAllowed: boolean) => Quota;
  all: () => Iterable<Bucket>;
  size: () => number;
}>;

const MOST_BUCKETS = 100_000;
/** The arrival time of a bucket that is full. */
const NEVER = -Infinity;
const SWEEP_EVERY_MS = 10_000;

/** Without a timer: buckets that are full again are swept by those who ask for one. */
export function createTokenBuckets({ now, mostBuckets = MOST_BUCKETS }: TokenBucketsOptions): TokenBuckets {
  // Three keys in place of one that is put together: a hash of a text that is new costs more than two of texts that were seen before.
  const byRule = new Map<string, Map<AccountId | undefined, Map<string, Bucket>>>();
  let size = 0;
  let sweptAt = now();

  function* all(): Iterable<Bucket> {
    for (const ofRule of byRule.values()) for (const ofAccount of ofRule.values()) yield* ofAccount.values();
  }

  function forget({ name }: TrafficRule, key: string, account: AccountId | undefined): void {
    const ofRule = byRule.get(name);
    const ofAccount = ofRule?.get(account);
    if (ofAccount?.delete(key) !== true) return;
    size -= 1;
    if (ofAccount.size === 0) ofRule?.delete(account);
  }

  const isFullAt = ({ rule, tats }: Bucket, at: number): boolean =>
    rule.rates.every((rate, index) => aheadMs(rate, tats[index] ?? NEVER, at) === 0);

  function sweep(): void {
    const at = now();
    if (at - sweptAt < SWEEP_EVERY_MS && at >= sweptAt) return;
    sweptAt = at;
    for (const bucket of all()) if (isFullAt(bucket, at)) forget(bucket.rule, bucket.key, bucket.account);
  }

  /** The tokens of the rate that has the fewest. What was written before the clock was set back is written anew, or it would stand until the clock is where it was. */
  function fewest({ rule: { rates }, tats }: Bucket, at: number): number {
    let least = Infinity;
    for (let index = 0; index < rates.length; index += 1) {
      const rate = rates[index] as Rate;
      const ahead = aheadMs(rate, tats[index] ?? NEVER, at);
      tats[index] = at + ahead;
      least = Math.min(least, tokensIn(rate, ahead));
    }
    return least;
  }

  function moveAt({ rule: { rates }, tats }: Bucket, at: number, count: number): void {
    for (let index = 0; index < rates.length; index += 1) tats[index] = takeTokens(rates[index] as Rate, tats[index] ?? NEVER, at, count);
  }

  function quotaAt({ rule, tats }: Bucket, at: number, isAllowed: boolean): Quota {
    const { rates } = rule;
    let nearest = rates[0];
    let remaining = Infinity;
    let retryAfterMs = 0;
    let fullInMs = 0;
    for (let index = 0; index < rates.length; index += 1) {
      const rate = rates[index] as Rate;
      const ahead = aheadMs(rate, tats[index] ?? NEVER, at);
      const left = tokensIn(rate, ahead);
      const wait = left > 0 ? 0 : ahead + intervalMs(rate) - windowMs(rate);
      // Of those with nothing left the one that lasts longest.
      if (left < remaining || (left === remaining && wait > retryAfterMs)) nearest = rate;
      remaining = Math.min(remaining, left);
      retryAfterMs = Math.max(retryAfterMs, wait);
      fullInMs = Math.max(fullInMs, ahead);
    }
    return { rule, isAllowed, rate: nearest, remaining, retryAfterMs, fullInMs };
  }

  function add(rule: TrafficRule, key: string, account: AccountId | undefined): Bucket {
    sweep();
    forget(rule, key, account);
    if (size >= mostBuckets)
      for (const oldest of all()) {
        forget(oldest.rule, oldest.key, oldest.account);
        break;
      }
    const bucket: Bucket = { rule, key, account, tats: rule.rates.map(() => NEVER), owed: 0 };
    let ofRule = byRule.get(rule.name);
    if (ofRule === undefined) byRule.set(rule.name, (ofRule = new Map<AccountId | undefined, Map<string, Bucket>>()));
    let ofAccount = ofRule.get(account);
    if (ofAccount === undefined) ofRule.set(account, (ofAccount = new Map<string, Bucket>()));
    ofAccount.set(key, bucket);
    size += 1;
    return bucket;
  }

  return {
    of(rule, key, account) {
      const bucket = byRule.get(rule.name)?.get(account)?.get(key);
      return bucket !== undefined && (bucket.rule === rule || isSame(bucket.rule.rates, rule.rates)) ? bucket : add(rule, key, account);
    },

    take(bucket) {
      const at = now();
      const isAllowed = fewest(bucket, at) > 0;
      if (isAllowed) moveAt(bucket, at, 1);
      return quotaAt(bucket, at, isAllowed);
    },

    move: (bucket, count) => moveAt(bucket, now(), count),
    left: (bucket) => fewest(bucket, now()),
    isFull: (bucket) => isFullAt(bucket, now()),
    quota: (bucket, isAllowed) => quotaAt(bucket, now(), isAllowed),
    all,
    size: () => size,
  };
}
