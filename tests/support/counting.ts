import { Metrics } from '@coucou/application/ports/metrics';
import { createMetrics } from '@coucou/observability/metrics';
import { type Override, override } from '@coucou/server/composition/ports';

/** Metrics that a test reads, and the app counts in. */
export function countingMetrics(): Readonly<{ metrics: Metrics; counts: Override }> {
  const metrics = createMetrics();
  return { metrics, counts: override(Metrics, metrics) };
}
