import type { Announced, EventBus } from '../ports/event-bus.ts';
import type { Tracer } from '../ports/tracer.ts';

type Publish = EventBus['publish'];

/** No client receives it; the outbox is notified of it all the same. */
const isSilent = ({ tellings }: Announced): boolean => tellings.length === 0;

const attributesOf = ({ type, account }: Announced) => ({ 'coucou.events': type, 'coucou.account_id': account });

const namesOf = (announced: readonly Announced[]): string => [...new Set(announced.map(({ type }) => type))].join(' ');

/** What is announced on the bus carries the span that announced it, to listeners of other nodes as well. */
export const announcing = (bus: EventBus, tracer: Tracer): EventBus =>
  withPublish(bus, tracer, (announced) => {
    if (tracer.carried() === undefined) return bus.publish(announced);
    tracer.span(
      'events publish',
      { 'coucou.events': namesOf(announced), 'messaging.batch.message_count': announced.length },
      () => {
        const traceparent = tracer.carried();
        bus.publish(announced.map((each) => ({ ...each, traceparent })));
      },
      'producer',
    );
  });

/** The bus of what other nodes announced, whose listeners continue the traces of those nodes. */
export const receiving = (others: EventBus, tracer: Tracer): EventBus =>
  withPublish(others, tracer, (announced) => {
    if (announced.every(({ traceparent }) => traceparent === undefined)) return others.publish(announced);
    for (const each of announced) {
      const tell = () => others.publish([each]);
      if (each.traceparent === undefined || isSilent(each)) tell();
      else tracer.continued([each.traceparent], 'events receive', attributesOf(each), tell, 'consumer');
    }
  });

const withPublish = (bus: EventBus, { isOn }: Tracer, publish: Publish): EventBus => (isOn ? { ...bus, publish } : bus);

/** The bus as those hear it who deliver its events to clients. */
export function delivering<Bus extends Pick<EventBus, 'subscribe'>>(bus: Bus, tracer: Tracer): Bus {
  if (!tracer.isOn) return bus;
  return {
    ...bus,
    subscribe: (listener) =>
      bus.subscribe((announced) => {
        if (!tracer.isRecording()) return listener(announced);
        for (const each of announced)
          if (isSilent(each)) listener([each]);
          else tracer.span('events deliver', attributesOf(each), () => listener([each]));
      }),
  };
}
