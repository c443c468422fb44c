import { resolve } from 'node:path';
import type { Reading } from './read.ts';

export type LogConfig = Readonly<{
  level: Reading['values']['LOG_LEVEL'];
  format: 'json' | 'pretty';
  /** Instead of standard output; `keep` full ones beside it. */
  file: Readonly<{ path: string; maxBytes: number; keep: number }> | undefined;
}>;

export type TracingConfig = Readonly<{
  /** Of the collector, without `/v1/traces`. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  /** Of the traces that begin here. */
  ratio: number;
}>;

export function logOf(
  { LOG_LEVEL, LOG_FORMAT, LOG_FILE, LOG_FILE_BYTES, LOG_FILE_KEEP }: Reading['values'],
  isTerminal: boolean,
): LogConfig {
  const file = LOG_FILE === undefined ? undefined : { path: resolve(LOG_FILE), maxBytes: LOG_FILE_BYTES, keep: LOG_FILE_KEEP };
  const format = LOG_FORMAT ?? (isTerminal && file === undefined ? 'pretty' : 'json');
  return { level: LOG_LEVEL, format, file };
}

export function tracingOf(values: Reading['values']): TracingConfig | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = {}, OTEL_SERVICE_NAME: serviceName } = values;
  return endpoint === undefined ? undefined : { endpoint, headers, serviceName, ratio: values.OTEL_TRACES_SAMPLER_ARG };
}

export function metricsFaults({ values: { METRICS_PORT, PORT } }: Reading): string[] {
  if (METRICS_PORT === undefined || METRICS_PORT === 0 || METRICS_PORT !== PORT) return [];
  return [`METRICS_PORT and PORT are both ${PORT}; give one of them another port, or set METRICS_TOKEN alone to serve /metrics on PORT`];
}
