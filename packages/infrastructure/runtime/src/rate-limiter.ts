import { createFixedWindows, rateLimited } from '@coucou/application/kernel/fixed-windows';
import type { RateLimiter } from '@coucou/application/ports/rate-limiter';

/** In-process counters: correct for a single node. */
export function createRateLimiter(): RateLimiter {
  const windows = createFixedWindows(() => performance.now());
  // What separates the parts stands in no name of a rule.
  const nameOf = (rule: string, key: string) => `${rule}\0${key}`;
  return {
    async take(rule, key) {
      const { isTaken, msLeft } = windows.take(nameOf(rule.name, key), rule);
      if (!isTaken) throw rateLimited(rule, msLeft);
    },
    async giveBack(rule, key) {
      windows.giveBack(nameOf(rule.name, key));
    },
  };
}
