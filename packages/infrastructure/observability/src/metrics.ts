import type { AnyMetric, Counter, GaugeMetric, Histogram, HistogramMetric, Metrics, Sample } from '@coucou/application/ports/metrics';

class CounterSeries implements Counter {
  value = 0;
  add(by = 1): void {
    this.value += by;
  }
}

/** How many values fell below each bound and above the one before; the last are those above all. */
class HistogramSeries implements Histogram {
  readonly counts: Float64Array;
  sum = 0;
  readonly #bounds: readonly number[];

  constructor({ buckets }: HistogramMetric) {
    this.#bounds = buckets;
    this.counts = new Float64Array(buckets.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at += 1;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sum += value;
  }
}

type Given = Readonly<Record<string, string>>;

/** What one metric holds at the moment; of a histogram `counts` per bucket, not cumulated. */
export type Reading = Readonly<{ metric: AnyMetric; samples: readonly Sample<string>[] }> | HistogramReading;
export type HistogramReading = Readonly<{
  metric: HistogramMetric;
  histograms: readonly Readonly<{ labels: Given; counts: Readonly<Float64Array>; sum: number }>[];
}>;

export type ReadableMetrics = Metrics &
  Readonly<{ /** Everything that was asked for so far. Never rejects. */ read: () => Promise<readonly Reading[]> }>;

type Read = () => readonly Sample<string>[] | Promise<readonly Sample<string>[]>;
type Family<Series> = Readonly<{ metric: AnyMetric; series: Map<string, Readonly<{ labels: Given; series: Series }>> }>;

const READ_WITHIN_MS = 2_000;

/** In-memory metrics: counting is an addition; aggregation and formatting happen when the metrics are read. */
export function createMetrics(): ReadableMetrics {
  const counters = new Map<string, Family<CounterSeries>>();
  const histograms = new Map<string, Family<HistogramSeries>>();
  const gauges = new Map<string, Readonly<{ metric: GaugeMetric; read: Read }>>();

  function seriesOf<Series>(families: Map<string, Family<Series>>, metric: AnyMetric, labels: Given, make: () => Series): Series {
    let family = families.get(metric.name);
    if (family === undefined) families.set(metric.name, (family = { metric, series: new Map() }));
    const key = JSON.stringify(metric.labels.map((label) => labels[label]));
    let known = family.series.get(key);
    if (known === undefined) family.series.set(key, (known = { labels, series: make() }));
    return known.series;
  }

  return {
    counter: (metric, labels) => seriesOf(counters, metric, labels, () => new CounterSeries()),
    histogram: (metric, labels) => seriesOf(histograms, metric, labels, () => new HistogramSeries(metric)),
    gauge: (metric, read) => void gauges.set(metric.name, { metric, read }),
    async read() {
      const read = await Promise.all([...gauges.values()].map(async ({ metric, read: ask }) => ({ metric, samples: await within(ask) })));
      return [
        ...[...counters.values()].map(({ metric, series }) => ({
          metric,
          samples: [...series.values()].map(({ labels, series: { value } }) => ({ labels, value })),
        })),
        ...[...histograms.values()].map(({ metric, series }) => ({
          metric: metric as HistogramMetric,
          histograms: [...series.values()].map(({ labels, series: { counts, sum } }) => ({ labels, counts, sum })),
        })),
        ...read,
      ];
    },
  };
}

/** Nothing where it fails or is late: what is away must not hide the rest. */
async function within(ask: Read): Promise<readonly Sample<string>[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Sample<string>[]>();
  const timer = setTimeout(() => resolve([]), READ_WITHIN_MS);
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
