import { createTokenBuckets, type TokenBucketsOptions } from '@coucou/application/kernel/token-buckets';
import type { TrafficLimiter } from '@coucou/application/ports/traffic-limiter';

/** In-process buckets: correct for a single node. It never answers a promise. */
export function createTrafficLimiter(options: TokenBucketsOptions = { now: () => performance.now() }): TrafficLimiter {
  const buckets = createTokenBuckets(options);
  return {
    take: (rule, key, account) => buckets.take(buckets.of(rule, key, account)),
    giveBack: (rule, key, account) => buckets.move(buckets.of(rule, key, account), -1),
  };
}
