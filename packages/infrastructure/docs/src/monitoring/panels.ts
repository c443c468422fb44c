export type Query = Readonly<{
  expr: string;
  legend: string;
  /** What has to happen before the query returns data; absent: it always does on a system in use. */
  after?: string;
}>;
export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'cpm' | 'eps' | 'ops';
export type Panel = Readonly<{ title: string; unit: Unit; queries: readonly Query[]; isStacked?: true; kind?: 'stat' }>;
/** Queried from PostgreSQL: one row for each account. */
export type Table = Readonly<{ title: string; sql: string; units: Readonly<Record<string, Unit>> }>;
export type Row = Readonly<{ title: string; panels?: readonly Panel[]; tables?: readonly Table[] }>;
export type Dashboard = Readonly<{ uid: string; title: string; refresh?: string; rows: readonly Row[] }>;

export const query = (legend: string, expr: string): Query => ({ legend, expr });
/** `after`: completes the sentence "Empty until …". */
export const rare = (after: string, legend: string, expr: string): Query => ({ legend, expr, after });

/** The selector of a metric: the nodes that were picked, and more labels. */
export const of = (metric: string, labels = ''): string => `${metric}{instance=~"$instance"${labels === '' ? '' : `,${labels}`}}`;
export const rate = (metric: string, labels = ''): string => `rate(${of(metric, labels)}[$__rate_interval])`;
export const sum = (expr: string, by = ''): string => (by === '' ? `sum(${expr})` : `sum by (${by}) (${expr})`);
export const max = (expr: string, by = ''): string => (by === '' ? `max(${expr})` : `max by (${by}) (${expr})`);
export const quantile = (q: number, histogram: string, by = ''): string =>
  `histogram_quantile(${q}, ${sum(rate(`${histogram}_bucket`), by === '' ? 'le' : `le, ${by}`)})`;
export const quantiles = (histogram: string): Query[] => [0.5, 0.95, 0.99].map((q) => query(`p${q * 100}`, quantile(q, histogram)));
