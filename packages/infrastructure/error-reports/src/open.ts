import { trace } from '@opentelemetry/api';
import { createTransport, defaultStackParser, type ErrorEvent, NodeClient, Scope } from '@sentry/node';
import { eventOf, type Fault } from './fault-event.ts';

export type ErrorReportsOptions = Readonly<{ dsn: string; release: string; environment: string; instance: string }>;

export type ErrorReports = Readonly<{
  /** Never throws, and never waits. */
  report: (fault: Fault) => void;
  /** Delivers what is left, for a moment. */
  close: () => Promise<void>;
}>;

/** More within a second say nothing new; each is in the log. */
const MOST_PER_SECOND = 10;
/** Reports that are on their way; beyond them they are dropped. */
const MOST_WAITING = 30;
const DELIVER_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 1_000;

type Transport = Parameters<typeof createTransport>[0];

/**
 * Reports to Sentry. A client of its own instead of `init`: nothing global, no integration, no hook in the module loader, no OpenTelemetry of
 * Sentry's beside ours.
 */
export function openErrorReports({ dsn, release, environment, instance }: ErrorReportsOptions): ErrorReports {
  const client = new NodeClient({
    dsn,
    release,
    environment,
    serverName: instance,
    integrations: [],
    stackParser: defaultStackParser,
    transport: (options) => createTransport({ ...options, bufferSize: MOST_WAITING }, (request) => deliver(options, request.body)),
    enableRuntimeChannelInjection: false,
    traceLifecycle: 'static',
    sendClientReports: false,
    beforeSend: allowed,
  });
  const isWithinRate = rate(MOST_PER_SECOND);
  return {
    report(fault) {
      if (isWithinRate()) client.captureEvent(eventOf(fault, traceId()), {}, new Scope());
    },
    async close() {
      await client.close(CLOSE_WITHIN_MS);
    },
  };
}

async function deliver({ url, headers }: Transport & { url: string; headers?: Record<string, string> }, body: string | Uint8Array) {
  const response = await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { ...headers },
    redirect: 'error',
    signal: AbortSignal.timeout(DELIVER_WITHIN_MS),
  });
  await response.body?.cancel();
  return {
    statusCode: response.status,
    headers: { 'retry-after': response.headers.get('retry-after'), 'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits') },
  };
}

/** What leaves this server with a report; a later version of the library may add more to an event. */
function allowed(event: ErrorEvent): ErrorEvent {
  const { type, event_id, timestamp, level, platform, release, environment, server_name, tags, exception } = event;
  return { type, event_id, timestamp, level, platform, release, environment, server_name, tags, exception } as ErrorEvent;
}

/** That of a trace which is recorded, to find it by. */
function traceId(): string | undefined {
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? span.spanContext().traceId : undefined;
}

function rate(most: number): () => boolean {
  let [since, count] = [Number.NEGATIVE_INFINITY, 0];
  return () => {
    const now = performance.now();
    if (now - since >= 1_000) [since, count] = [now, 0];
    count += 1;
    return count <= most;
  };
}
