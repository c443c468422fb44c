import type { DurableEvent } from '../ports/durable-event.ts';
import type { Deps, Ports } from './token.ts';

type EventOf<Type extends DurableEvent['type']> = DurableEvent extends infer Event
  ? Event extends { type: infer Of }
    ? Type extends Of
      ? Event
      : never
    : never
  : never;

/**
 * A durable consequence of a domain event. It is fed by the outbox: at least once, in no order, also after a crash; what it
 * does must be harmless when repeated (`event.id` stays the same).
 */
export interface Subscriber {
  readonly name: string;
  readonly on: DurableEvent['type'];
  readonly deps: Deps;
  readonly run: (ports: Ports<Deps>, event: DurableEvent) => Promise<void>;
}

export const subscriber = <const D extends Deps, Type extends DurableEvent['type']>(definition: {
  name: string;
  on: Type;
  deps: D;
  run: (ports: Ports<D>, event: EventOf<Type>) => Promise<void>;
}): Subscriber => definition as unknown as Subscriber;
