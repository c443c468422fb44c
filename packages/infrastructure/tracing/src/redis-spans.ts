import { tracingChannel } from 'node:diagnostics_channel';
import { type Span, SpanKind, type Tracer } from '@opentelemetry/api';
import { current, endFailed } from './tracer.ts';

type Command = Readonly<{ command: string; error?: unknown }>;

/**
 * Spans of Redis commands, by their name, within what is traced. ioredis tells of its commands on a tracing channel of Node, which costs nothing
 * while nobody listens, and needs no hook in the module loader. Answers what ends it.
 */
export function traceRedis(tracer: Tracer): () => void {
  const spans = new WeakMap<Command, Span>();
  const nothing = (): void => {};
  const listeners = {
    start(command: Command) {
      if (current()?.isRecording() !== true) return;
      const name = command.command.toLowerCase();
      const attributes = { 'db.system.name': 'redis', 'db.operation.name': name };
      spans.set(command, tracer.startSpan(`redis ${name}`, { kind: SpanKind.CLIENT, attributes }));
    },
    end: nothing,
    asyncStart: nothing,
    asyncEnd(command: Command) {
      const span = spans.get(command);
      if (span === undefined) return;
      if (command.error === undefined) span.end();
      else endFailed(span, command.error);
    },
    error: nothing,
  };
  const channel = tracingChannel<Command>('ioredis:command');
  channel.subscribe(listeners);
  return () => {
    channel.unsubscribe(listeners);
  };
}
