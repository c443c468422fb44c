import type { AccountId } from '@coucou/domain/kernel/ids';
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
  /** Events of one account. Throwing means that any of them may be undone: they are given again, one at a time. */
  readonly run: (ports: Ports<Deps>, events: readonly DurableEvent[]) => Promise<void>;
}

export const subscriber = <const D extends Deps, Type extends DurableEvent['type']>(definition: {
  name: string;
  on: Type;
  deps: D;
  run: (ports: Ports<D>, event: EventOf<Type>) => Promise<void>;
}): Subscriber => {
  const { run, ...rest } = definition;
  return {
    ...rest,
    run: async (ports, events) => {
      for (const event of events) await run(ports as Ports<D>, event as EventOf<Type>);
    },
  };
};

/** For what costs a transaction however many events there are: it is given all of one account that are due together. */
export const batchSubscriber = <const D extends Deps, Type extends DurableEvent['type']>(definition: {
  name: string;
  on: Type;
  deps: D;
  run: (ports: Ports<D>, account: AccountId, events: readonly EventOf<Type>[]) => Promise<void>;
}): Subscriber => {
  const { run, ...rest } = definition;
  return {
    ...rest,
    run: async (ports, events) => {
      const [first] = events;
      if (first !== undefined) await run(ports as Ports<D>, first.account, events as unknown as readonly EventOf<Type>[]);
    },
  };
};
