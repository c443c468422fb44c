import { setTimeout as pause } from 'node:timers/promises';
import type { Tracer } from '@coucou/application/ports/tracer';
import { context, diag, DiagLogLevel } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { FastifyInstance } from 'fastify';
import { harmless } from './harmless.ts';
import { traceHttp } from './http-spans.ts';
import { traceRedis } from './redis-spans.ts';
import { createSampler, createTracer } from './tracer.ts';

export type TracingOptions = Readonly<{
  /** Of the collector, without `/v1/traces`. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  service: Readonly<{ name: string; version: string; instance: string }>;
  /** Of the traces that begin here, from 0 to 1. */
  ratio: number;
  log: Readonly<{ warn: (details: object, message: string) => void }>;
}>;

export type Tracing = Readonly<{
  tracer: Tracer;
  /** Traces the requests of an HTTP server. */
  instrument: (app: FastifyInstance) => void;
  /** Delivers what is left, for a moment. */
  close: () => Promise<void>;
}>;

const DELIVER_EVERY_MS = 2_000;
const DELIVER_WITHIN_MS = 5_000;
/** Spans that wait for the collector; beyond them they are dropped. */
const MOST_WAITING = 8_192;
const CLOSE_WITHIN_MS = 1_000;
const COMPLAIN_EVERY_MS = 60_000;

/** Traces by OpenTelemetry, delivered by OTLP over HTTP as JSON. Once in a process, whose asynchronous context it follows. */
export function openTracing({ endpoint, headers, service, ratio, log }: TracingOptions): Tracing {
  diag.setLogger(complaining(log), DiagLogLevel.WARN);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: DELIVER_WITHIN_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service.name,
      'service.version': service.version,
      'service.instance.id': service.instance,
    }),
    sampler: createSampler(ratio),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: harmless(exporter),
        scheduledDelayMillis: DELIVER_EVERY_MS,
        exportTimeoutMillis: DELIVER_WITHIN_MS,
        maxQueueSize: MOST_WAITING,
      }),
    ],
  });
  const tracer = provider.getTracer('coucou', service.version);
  const untraceRedis = traceRedis(tracer);
  return {
    tracer: createTracer(tracer, ratio),
    instrument: traceHttp(provider),
    async close() {
      untraceRedis();
      await Promise.race([provider.shutdown().catch(() => {}), pause(CLOSE_WITHIN_MS, undefined, { ref: false })]);
      context.disable();
      diag.disable();
    },
  };
}

/** The SDK reports an unavailable collector with every export. */
function complaining(log: TracingOptions['log']) {
  let silentUntil = 0;
  const warn = (detail: string): void => {
    const now = performance.now();
    if (now < silentUntil) return;
    silentUntil = now + COMPLAIN_EVERY_MS;
    log.warn({ detail: messageIn(detail) }, 'traces cannot be delivered to the collector, and are lost (reported once a minute)');
  };
  const nothing = (): void => {};
  return { error: warn, warn, info: nothing, debug: nothing, verbose: nothing };
}

/** Errors come as JSON with their stack. */
function messageIn(detail: string): string {
  try {
    const { message } = JSON.parse(detail) as { message?: unknown };
    return typeof message === 'string' ? message : detail;
  } catch {
    return detail;
  }
}
