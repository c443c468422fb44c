import { createFixedWindows, rateLimited } from '@coucou/application/kernel/fixed-windows';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { RateLimiter } from '@coucou/application/ports/rate-limiter';

/** In-process counters: correct for a single node. */
export function createRateLimiter({ metrics }: Readonly<{ metrics: Metrics }> = { metrics: noMetrics }): RateLimiter {
  const windows = createFixedWindows(() => performance.now());
  // What separates the parts stands in no name of a rule.
  const nameOf = (rule: string, key: string) => `${rule}\0${key}`;
  return {
    async take(rule, key) {
      const { isTaken, msLeft } = windows.take(nameOf(rule.name, key), rule);
      if (isTaken) return;
      metrics.counter(catalogue.limitsRefused, { policy: rule.name }).add();
      throw rateLimited(rule, msLeft);
    },
    async giveBack(rule, key) {
      windows.giveBack(nameOf(rule.name, key));
    },
  };
}
