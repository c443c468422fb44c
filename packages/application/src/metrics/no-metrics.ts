import type { Metrics } from '../ports/metrics.ts';

/** For tools, whose counts nobody reads. */
export const noMetrics: Metrics = {
  counter: () => ({ value: 0, add() {} }),
  histogram: () => ({ observe() {} }),
  gauge() {},
};
