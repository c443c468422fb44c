import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { HistogramReading, ReadableMetrics, Reading } from './metrics.ts';

export type Exposition = Readonly<{
  contentType: string;
  /** All metrics in the text format of Prometheus. Who asks while another is answered gets the same answer. */
  text: () => Promise<string>;
}>;

type Value = Readonly<{ value: number; labels: Readonly<Record<string, string>>; metricName?: string }>;

/** What `/metrics` answers: the server's own metrics, and those of the process (`process_*`, `nodejs_*`). */
export function createExposition(metrics: Pick<ReadableMetrics, 'read'>): Exposition {
  const process = new Registry();
  collectDefaultMetrics({ register: process });

  async function write(): Promise<string> {
    const own = new Registry();
    const readings = await metrics.read();
    const seen = new Set(readings.map(({ metric: { name } }) => name));
    // What nothing has happened to yet is named all the same, so that a dashboard can be built before.
    const unseen = Object.values(catalogue).filter(({ name }) => !seen.has(name));
    for (const reading of [...readings, ...unseen.map((metric) => ({ metric, samples: [] }))]) own.registerMetric(familyOf(reading));
    return (await own.metrics()) + (await process.metrics());
  }

  let writing: Promise<string> | undefined;
  return {
    contentType: process.contentType,
    text: () =>
      (writing ??= write().finally(() => {
        writing = undefined;
      })),
  };
}

/** The shape that the registry asks a metric for. Its own classes hash and check the labels of every single count. */
const familyOf = (reading: Reading): Metric => {
  const { kind: type, name, help } = reading.metric;
  const values = 'histograms' in reading ? bucketsOf(reading) : reading.samples;
  return { name, get: async () => ({ name, help, type, values, aggregator: 'sum' }) } as unknown as Metric;
};

const bucketsOf = ({ metric: { name, buckets }, histograms }: HistogramReading): Value[] =>
  histograms.flatMap(({ labels, counts, sum }) => {
    let count = 0;
    const values = [...counts].map((each, at): Value => {
      count += each;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: String(buckets[at] ?? '+Inf') }, value: count };
    });
    return [...values, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
  });
