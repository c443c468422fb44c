import type { Config } from '../config.ts';

/** What the node that is configured here says of itself: seconds of processor time, and what waits. */
export type ServerFigures = Readonly<{ cpuSeconds: number; loopP99Ms: number; databaseWaiting: number; appendsWaiting: number }>;

const valuesOf = (text: string, name: string): number[] =>
  [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? ([\\d.e+-]+)$`, 'gm'))].map(([, value]) => Number(value));
const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

/** Reads the figures in the format of Prometheus. */
export const figuresIn = (text: string): ServerFigures => ({
  cpuSeconds: total(valuesOf(text, 'process_cpu_seconds_total')),
  loopP99Ms: total(valuesOf(text, 'nodejs_eventloop_lag_p99_seconds')) * 1_000,
  databaseWaiting: total(valuesOf(text, 'coucou_database_waiting')),
  appendsWaiting: total(valuesOf(text, 'coucou_message_appends_waiting')),
});

/** Asks `/metrics`, where the configuration serves it; undefined where it does not, or does not answer. */
export async function readServerFigures({ metrics, url }: Readonly<{ metrics: Config['metrics']; url: string }>) {
  const { port, token } = metrics;
  if (port === undefined && token === undefined) return undefined;
  const address = new URL('/metrics', url);
  if (port !== undefined) address.port = String(port);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok ? figuresIn(await answer.text()) : undefined;
}
