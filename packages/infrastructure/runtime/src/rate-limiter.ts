import type { RateLimit, RateLimiter } from '@coucou/application/ports/rate-limiter';
import { errors } from '@coucou/domain/kernel/errors';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** In-process counters: correct for a single node. */
export function createRateLimiter(): RateLimiter {
  const limiters = new Map<string, RateLimiterMemory>();
  const limiterOf = ({ name, limit, windowSeconds }: RateLimit): RateLimiterMemory => {
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiterMemory({ keyPrefix: name, points: limit, duration: windowSeconds });
      limiters.set(name, limiter);
    }
    return limiter;
  };
  return {
    async take(rule, key) {
      try {
        await limiterOf(rule).consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
        throw errors.RATE_LIMITED({ limit: rule.limit, window: rule.windowSeconds, retryAfterSeconds });
      }
    },
    async giveBack(rule, key) {
      await limiterOf(rule).reward(key);
    },
  };
}
