import type { EntryAttributes, SpanAttributes, SpanKind as Kind, Tracer } from '@coucou/application/ports/tracer';
import { ChatError } from '@coucou/domain/kernel/errors';
import {
  type Context,
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
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
import { ParentBasedSampler, type Sampler, SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';

const KINDS: Readonly<Record<Kind, SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const kindOf = (kind: Kind | undefined): SpanKind => (kind === undefined ? SpanKind.INTERNAL : KINDS[kind]);

/** The context of all work that is not sampled: the decision is all that is kept of it, so it needs no ids and no spans. */
const UNSAMPLED = trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT);

const SAMPLED = createContextKey('a trace that has been drawn');

/**
 * Traces that begin with a request to the HTTP server are sampled by their id. `createTracer` draws by itself before there is one, since an id, a
 * span and a context for each of the many calls that are not sampled cost more than the spans of the few that are.
 */
export function createSampler(ratio: number): Sampler {
  const byId = new TraceIdRatioBasedSampler(ratio);
  return new ParentBasedSampler({
    root: {
      shouldSample: (parent, traceId) =>
        parent.getValue(SAMPLED) === true ? { decision: SamplingDecision.RECORD_AND_SAMPLED } : byId.shouldSample(parent, traceId),
      toString: () => byId.toString(),
    },
  });
}

/** The port on OpenTelemetry, whose context is kept by the one context manager of this process. `tracer` is of a provider with `createSampler`. */
export function createTracer(tracer: OpenTelemetryTracer, ratio: number): Tracer {
  const root = ROOT_CONTEXT.setValue(SAMPLED, true);

  function run<T>(name: string, attributes: EntryAttributes, options: SpanOptions, parent: Context, work: () => T): T {
    const span = tracer.startSpan(name, options, parent);
    span.setAttributes(given(typeof attributes === 'function' ? attributes() : attributes));
    return context.with(trace.setSpan(parent, span), () => ended(span, work));
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
      if (Math.random() >= ratio) return context.with(UNSAMPLED, work);
      return run(name, attributes, { kind: kindOf(kind) }, root, work);
    },
    continued(causes, name, attributes, work, kind) {
      const [first, ...others] = sampledIn(causes);
      // It may run within a trace that it is no part of, such as a loop that a call began.
      if (first === undefined) return current() === undefined ? work() : context.with(UNSAMPLED, work);
      const links = others.map((other) => ({ context: other }));
      return run(name, attributes, { kind: kindOf(kind), links }, trace.setSpanContext(ROOT_CONTEXT, first), work);
    },
    carried() {
      const span = current();
      // What goes on after a span has ended, such as a loop that it began, is no part of it.
      if (span?.isRecording() !== true) return undefined;
      const { traceId, spanId } = span.spanContext();
      return `00-${traceId}-${spanId}-01`;
    },
  };
}

export const current = (): Span | undefined => trace.getSpan(context.active());

const isRecording = (): boolean => current()?.isRecording() === true;

const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0;

/** W3C Trace Context, version 00, sampled, as `carried` writes it. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-01$/;

function sampledIn(causes: readonly (string | undefined)[]): readonly SpanContext[] {
  if (causes.every((cause) => cause === undefined)) return [];
  return [...new Set(causes)].flatMap((cause) => {
    const [, traceId, spanId] = (cause !== undefined && TRACEPARENT.exec(cause)) || [];
    return traceId === undefined || spanId === undefined ? [] : [{ traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }];
  });
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
