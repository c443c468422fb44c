import type { Call } from '../kernel/call.ts';
import type { DurableEvent } from '../kernel/event.ts';
import type { Execute } from '../kernel/execute.ts';
import type { Subscriber } from '../kernel/subscriber.ts';
import type { SpanAttributes, Tracer } from '../ports/tracer.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Inputs are not checked yet: what is no id is not shown. */
function conversationOf(input: unknown): string | undefined {
  const { conversationId } = (input ?? {}) as { conversationId?: unknown };
  return typeof conversationId === 'string' && UUID.test(conversationId) ? conversationId : undefined;
}

const attributesOf = (input: unknown, { account, actor, requestId, socketId }: Call): SpanAttributes => ({
  'coucou.account_id': account,
  'coucou.user_id': actor?.userId,
  'coucou.request_id': requestId,
  'coucou.socket_id': socketId,
  'coucou.conversation_id': conversationOf(input),
});

/** A span for every operation, on every transport. */
export const tracedExecute = (execute: Execute, tracer: Tracer): Execute =>
  tracer.isOn
    ? (ready, input, call) =>
        tracer.entry(
          ready.operation.name,
          () => attributesOf(input, call),
          () => execute(ready, input, call),
          'server',
        )
    : execute;

/** Consequences continue the traces of what caused them: a job that of its event, a batch those of its events. */
export const tracedSubscriber = <
  S extends Readonly<{ run: (events: readonly DurableEvent[], ...more: never) => Promise<void> }> &
    Pick<Subscriber, 'name' | 'on' | 'queue'>,
>(
  subscriber: S,
  tracer: Tracer,
): S => {
  const { name, on, queue, run } = subscriber;
  if (!tracer.isOn) return subscriber;
  return {
    ...subscriber,
    run: (events: readonly DurableEvent[], ...more: never) =>
      tracer.continued(
        events.map(({ traceparent }) => traceparent),
        `${name} (${queue === undefined ? 'outbox' : 'job'})`,
        {
          'coucou.events': on,
          'coucou.account_id': events[0]?.account,
          'messaging.destination.name': queue,
          'messaging.batch.message_count': events.length,
        },
        () => run(events, ...more),
        'consumer',
      ),
  };
};

/** A trace for every run of a recurring job. */
export const tracedJob = <J extends Readonly<{ name: string; run: (...args: never) => unknown }>>(job: J, tracer: Tracer): J =>
  tracer.isOn
    ? { ...job, run: (...args: Parameters<J['run']>) => tracer.entry(`${job.name} (schedule)`, {}, () => job.run(...(args as never))) }
    : job;
