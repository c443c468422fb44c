import { metrics } from '@coucou/application/metrics/catalogue';
import type { AnyMetric } from '@coucou/application/ports/metrics';

const row = (metric: AnyMetric): string => {
  const buckets = metric.kind === 'histogram' ? ` Buckets: ${metric.buckets.join(', ')}.` : '';
  return `| \`${metric.name}\` | ${metric.kind} | ${metric.labels.map((label) => `\`${label}\``).join(', ')} | ${metric.help}${buckets} |`;
};

/** docs/metrics.md: every metric of the server, for operators. */
export const metricsPage = (): string => `# Metrics

Made from \`packages/application/src/metrics/catalogue.ts\` by \`pnpm generate\`. Where \`/metrics\` is served, and the dashboard for it, are described in [Operate a server](guides/operate.md#metrics).

Counters begin at 0 with the process. The values of labels are words of the code: no id, no address and nothing that a caller sends stands in one, so that their number is bounded. Every metric is of the node that answers.

| metric | kind | labels | meaning |
|---|---|---|---|
${Object.values(metrics).map(row).join('\n')}

Beside them stand the figures of the process that [prom-client](https://github.com/siimon/prom-client#default-metrics) collects: \`process_*\` (processor, memory, file descriptors) and \`nodejs_*\` (lag of the event loop, garbage collection, heap).
`;
