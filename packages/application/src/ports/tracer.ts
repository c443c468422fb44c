/** Of a span: names and numbers that operators may read. Ids are; what people wrote, addresses and secrets never. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

/** Those of an entry, or what makes them: only made where a span is recorded. */
export type EntryAttributes = SpanAttributes | (() => SpanAttributes);

/** The role of a span in its trace, as OpenTelemetry names it; absent: internal. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer';

/**
 * Distributed tracing. A span ends when the promise that its work answers is settled. What work throws passes through; the span says of what kind
 * it was, never its message.
 */
export interface Tracer {
  /** Whether anything is traced; otherwise work is only run, and nothing is carried along. */
  readonly isOn: boolean;
  /** Whether the current work is part of a trace that is recorded: what is only computed for a span may be left out otherwise. */
  isRecording(): boolean;
  /** A part of the work that is traced; where none is, or it has ended already, only the work runs. */
  span<T>(name: string, attributes: SpanAttributes, work: () => T, kind?: SpanKind): T;
  /** Where work comes in, such as a call: a part of the work that is traced, else the beginning of a trace, whose first span is of this kind. */
  entry<T>(name: string, attributes: EntryAttributes, work: () => T, kind?: SpanKind): T;
  /**
   * What others caused, elsewhere or earlier, as `carried` answered there: a part of the trace of the first that is traced, linked to those of the
   * others; without any, not traced.
   */
  continued<T>(causes: readonly (string | undefined)[], name: string, attributes: SpanAttributes, work: () => T, kind?: SpanKind): T;
  /** The current span, for work that continues from it elsewhere or later: a `traceparent` (W3C Trace Context); absent while nothing is recorded. */
  carried(): string | undefined;
}

/** Tracing is off. */
export const noTracer: Tracer = {
  isOn: false,
  isRecording: () => false,
  span: (_name, _attributes, work) => work(),
  entry: (_name, _attributes, work) => work(),
  continued: (_causes, _name, _attributes, work) => work(),
  carried: () => undefined,
};
