import type { EntryAttributes, SpanAttributes, SpanKind as Kind, Tracer } from '@coucou/application/ports/tracer';
import { ChatError } from '@coucou/domain/kernel/errors';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer as OpenTelemetryTracer,
  trace,
  TraceFlags,
} from '@opentelemetry/api';

const KINDS: Readonly<Record<Kind, SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const kindOf = (kind: Kind | undefined): SpanKind => (kind === undefined ? SpanKind.INTERNAL : KINDS[kind]);

/** The port on OpenTelemetry, whose context is kept by the one context manager of this process. */
export function createTracer(tracer: OpenTelemetryTracer): Tracer {
  function run<T>(name: string, attributes: EntryAttributes, options: SpanOptions, parent: Context, work: () => T): T {
    const span = tracer.startSpan(name, options, parent);
    const within = trace.setSpan(parent, span);
    // Of a trace that is not sampled only the decision is kept, for what goes on elsewhere.
    if (!span.isRecording()) return context.with(within, work);
    span.setAttributes(given(typeof attributes === 'function' ? attributes() : attributes));
    return context.with(within, () => ended(span, work));
  }
  const part = <T>(name: string, attributes: EntryAttributes, work: () => T, kind: SpanKind): T =>
    run(name, attributes, { kind }, context.active(), work);

  return {
    isOn: true,
    isRecording,
    span: (name, attributes, work, kind) => (isRecording() ? part(name, attributes, work, kindOf(kind)) : work()),
    entry(name, attributes, work, kind) {
      const around = current();
      if (around?.isRecording() === true) return part(name, attributes, work, SpanKind.INTERNAL);
      // The trace around it was decided not to be recorded. One that has ended is somebody else's.
      if (around !== undefined && !isSampled(around.spanContext())) return work();
      return run(name, attributes, { kind: kindOf(kind) }, ROOT_CONTEXT, work);
    },
    continued(causes, name, attributes, work, kind) {
      const known = [...new Set(causes)].flatMap((cause) => contextIn(cause) ?? []);
      const [first, ...others] = known.filter(isSampled);
      if (first === undefined && known[0] !== undefined) return context.with(trace.setSpanContext(ROOT_CONTEXT, known[0]), work);
      const parent = first === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, first);
      const links = others.map((other) => ({ context: other }));
      return run(name, attributes, { kind: kindOf(kind), links }, parent, work);
    },
    carried() {
      const span = current();
      if (span === undefined) return undefined;
      const { traceId, spanId, traceFlags } = span.spanContext();
      // What goes on after a recorded span has ended, such as a loop that it began, is no part of it.
      const sampled = traceFlags & TraceFlags.SAMPLED;
      if (!span.isRecording() && sampled !== 0) return undefined;
      return `00-${traceId}-${spanId}-0${sampled}`;
    },
  };
}

export const current = (): Span | undefined => trace.getSpan(context.active());

const isRecording = (): boolean => current()?.isRecording() === true;

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;

/** W3C Trace Context, version 00, as `carried` writes it. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-0([01])$/;

function contextIn(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = (traceparent !== undefined && TRACEPARENT.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number(flags), isRemote: true };
}

const given = (attributes: SpanAttributes) => Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

function ended<T>(span: Span, work: () => T): T {
  try {
    const result = work();
    if (result instanceof Promise)
      result.then(
        () => span.end(),
        (error: unknown) => endFailed(span, error),
      );
    else span.end();
    return result;
  } catch (error) {
    endFailed(span, error);
    throw error;
  }
}

/** What callers did wrong is no failure of this server. */
const isOurs = (error: unknown): boolean => !(error instanceof ChatError) || error.kind === 'internal' || error.kind === 'unavailable';

export function endFailed(span: Span, error: unknown): void {
  span.setAttribute('error.type', typeOf(error));
  if (isOurs(error)) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The code of an error, else its class. */
function typeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && /^\w{1,64}$/.test(code)) return code;
  return typeof name === 'string' && /^\w{1,64}$/.test(name) ? name : 'unknown';
}
