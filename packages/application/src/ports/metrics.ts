import { token } from '../kernel/token.ts';

/**
 * A metric, in the words of Prometheus: `coucou_` and a name that ends in its base unit (seconds, bytes) or, of a counter, in `_total`.
 * The values of its labels are few and come from the code: never ids, never what a caller sent.
 */
type Metric<Kind extends string, Label extends string> = Readonly<{
  kind: Kind;
  name: `coucou_${string}`;
  /** One sentence for operators. */
  help: string;
  labels: readonly Label[];
}>;
export type CounterMetric<Label extends string = string> = Metric<'counter', Label>;
export type GaugeMetric<Label extends string = string> = Metric<'gauge', Label>;
/** `buckets`: inclusive upper bounds, ascending. */
export type HistogramMetric<Label extends string = string> = Metric<'histogram', Label> & Readonly<{ buckets: readonly number[] }>;
export type AnyMetric = CounterMetric | GaugeMetric | HistogramMetric;

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One series. Its methods neither allocate nor look anything up. */
export interface Counter {
  /** What it has come to. */
  readonly value: number;
  add(by?: number): void;
}
export interface Histogram {
  observe(value: number): void;
}

export type Sample<Label extends string> = Readonly<{ labels: Labels<Label>; value: number }>;

/** Counts and measures what happens on this node, for operators. Never throws. */
export interface Metrics {
  /** The series with these labels, which begins at 0; asked for once where much is counted. */
  counter<Label extends string>(metric: CounterMetric<Label>, labels: Labels<Label>): Counter;
  histogram<Label extends string>(metric: HistogramMetric<Label>, labels: Labels<Label>): Histogram;
  /** A metric that is read when somebody asks. A read that fails, or takes longer than 2 s, leaves it out of that answer. */
  gauge<Label extends string>(metric: GaugeMetric<Label>, read: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>): void;
}
export const Metrics = token<Metrics>('Metrics');

export const counterMetric = <const Label extends string = never>(
  name: CounterMetric['name'],
  help: string,
  labels: readonly Label[] = [],
): CounterMetric<Label> => ({ kind: 'counter', name, help, labels });

export const gaugeMetric = <const Label extends string = never>(
  name: GaugeMetric['name'],
  help: string,
  labels: readonly Label[] = [],
): GaugeMetric<Label> => ({ kind: 'gauge', name, help, labels });

export const histogramMetric = <const Label extends string = never>(
  name: HistogramMetric['name'],
  help: string,
  buckets: readonly number[],
  labels: readonly Label[] = [],
): HistogramMetric<Label> => ({ kind: 'histogram', name, help, labels, buckets });
