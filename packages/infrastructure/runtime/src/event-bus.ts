import type { EventRegistry } from '@coucou/application/kernel/event-registry';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Clock } from '@coucou/application/ports/clock';
import type { Announced, EventBus } from '@coucou/application/ports/event-bus';
import type { LiveEvents } from '@coucou/application/ports/live-events';

type Log = Readonly<{ error: (details: object, message: string) => void }>;

/** The event bus of one process. Listeners run in the publisher's turn, in the order in which they subscribed. */
export function createEventBus(log: Log): EventBus {
  const listeners = new Set<(announced: readonly Announced[]) => void>();
  return {
    publish(announced) {
      for (const listener of listeners) {
        try {
          listener(announced);
        } catch (error) {
          log.error({ error: loggableError(error) }, 'a listener of the event bus failed');
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onRecovered: () => () => {},
    isWhole: () => true,
  };
}

export type AnnouncerOptions = Readonly<{ events: EventRegistry; bus: EventBus; clock: Clock; log: Log }>;

/**
 * Puts domain events on the bus with their audiences and payloads. A failure affects only that event, which still says that the
 * outbox holds it; its recipients catch up by heads.
 */
export const createAnnouncer = ({ events, bus, clock, log }: AnnouncerOptions): LiveEvents => ({
  publish(account, emitted) {
    const at = clock.now();
    const announced: Announced[] = [];
    for (const event of emitted) {
      try {
        announced.push(events.announced(account, event, at));
      } catch (error) {
        log.error({ event: event.type, error: loggableError(error) }, 'an event could not be announced');
        if (events.isDurable(event.type)) announced.push({ type: event.type, account, durable: true, tellings: [] });
      }
    }
    bus.publish(announced);
  },
});
