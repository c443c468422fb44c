import type { Quota, TrafficRule } from '../ports/traffic-limiter.ts';
import { aheadMs, msToToken, type Rate, takeTokens, tokensLeft } from './gcra.ts';

/** The budget of one key under one rule. */
export type Bucket = {
  readonly rule: TrafficRule;
  readonly key: string;
  /** A theoretical arrival time for each rate of the rule. */
  readonly tats: number[];
  /** Taken here, and not yet known elsewhere; negative when more was given back. */
  owed: number;
};

export type TokenBucketsOptions = Readonly<{
  /** Milliseconds of a monotonic clock. */
  now: () => number;
  /** Buckets kept at most: beyond it the oldest is forgotten, and its key begins anew. */
  mostBuckets?: number;
}>;

/** Buckets in memory, by rule and key: what adapters of `TrafficLimiter` decide with. */
export type TokenBuckets = Readonly<{
  of: (rule: TrafficRule, key: string) => Bucket;
  /** Takes one of every rate, or none where one of them has nothing left. */
  take: (bucket: Bucket) => boolean;
  /** Takes (or, below zero, gives back) so many, whether they are there or not. */
  move: (bucket: Bucket, count: number) => void;
  left: (bucket: Bucket) => number;
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
  const buckets = new Map<string, Bucket>();
  let sweptAt = now();

  function sweep(): void {
    const at = now();
    if (at - sweptAt < SWEEP_EVERY_MS && at >= sweptAt) return;
    sweptAt = at;
    for (const [name, { rule, tats }] of buckets)
      if (rule.rates.every((rate, index) => aheadMs(rate, tats[index] ?? NEVER, at) === 0)) buckets.delete(name);
  }

  /** What was written before the clock was set back is written anew, or it would stand until the clock is where it was. */
  function left({ rule, tats }: Bucket): number {
    const at = now();
    let least = Infinity;
    for (const [index, rate] of rule.rates.entries()) {
      tats[index] = at + aheadMs(rate, tats[index] ?? NEVER, at);
      least = Math.min(least, tokensLeft(rate, tats[index] ?? NEVER, at));
    }
    return least;
  }

  function move({ rule, tats }: Bucket, count: number): void {
    const at = now();
    for (const [index, rate] of rule.rates.entries()) tats[index] = takeTokens(rate, tats[index] ?? NEVER, at, count);
  }

  return {
    of(rule, key) {
      // What separates the parts stands in no name of a rule.
      const name = `${rule.name}\0${key}`;
      const known = buckets.get(name);
      if (known !== undefined) return known;
      sweep();
      if (buckets.size >= mostBuckets) for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break;
      const bucket: Bucket = { rule, key, tats: rule.rates.map(() => NEVER), owed: 0 };
      buckets.set(name, bucket);
      return bucket;
    },

    take(bucket) {
      if (left(bucket) === 0) return false;
      move(bucket, 1);
      return true;
    },

    move,
    left,

    quota({ rule, tats }, isAllowed) {
      const at = now();
      let nearest: Rate = rule.rates[0];
      let remaining = Infinity;
      let retryAfterMs = 0;
      let fullInMs = 0;
      for (const [index, rate] of rule.rates.entries()) {
        const tat = tats[index] ?? NEVER;
        const there = tokensLeft(rate, tat, at);
        const wait = msToToken(rate, tat, at);
        // Of those with nothing left the one that lasts longest.
        if (there < remaining || (there === remaining && wait > retryAfterMs)) nearest = rate;
        remaining = Math.min(remaining, there);
        retryAfterMs = Math.max(retryAfterMs, wait);
        fullInMs = Math.max(fullInMs, aheadMs(rate, tat, at));
      }
      return { rule, isAllowed, rate: nearest, remaining, retryAfterMs, fullInMs };
    },

    all: () => buckets.values(),
    size: () => buckets.size,
  };
}
