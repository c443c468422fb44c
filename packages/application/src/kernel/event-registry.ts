import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { Announcement } from './audience.ts';
import type { Announced, Telling } from '../ports/event-bus.ts';
import type { DomainEvent, Fact, WiredEvent } from './event.ts';
import { payloadOf } from './payload.ts';

/** An event as the outbox stores it. */
export type StoredFact = Readonly<{ type: string; fact: Fact; dueAt: Date | undefined; dedupKey: string | undefined }>;

/** The events of all features, by type. An undeclared event throws: it is a bug in the emitter. */
export type EventRegistry = Readonly<{
  /** What the outbox stores; undefined without a subscriber. */
  stored: (event: DomainEvent) => StoredFact | undefined;
  /** The audiences and payloads of an event. `at`: when it happened. */
  announced: (account: AccountId, event: DomainEvent, at: Instant) => Announced;
  isDurable: (type: string) => boolean;
}>;

type Definition = Readonly<{
  audience: (event: DomainEvent) => readonly Announcement[];
  fact?: (event: DomainEvent) => Fact;
  dueAt?: (event: DomainEvent) => Date | undefined;
  dedupKey?: (event: DomainEvent) => string;
}>;

/** `subscribed`: the types with a subscriber. */
export function createEventRegistry(events: readonly WiredEvent[], subscribed: ReadonlySet<string>): EventRegistry {
  const byType = new Map(events.map((each) => [each.definition.type, each]));
  const find = (type: string): WiredEvent => {
    const found = byType.get(type);
    if (found === undefined) throw new Error(`no feature declares the event ${type}`);
    return found;
  };
  return {
    isDurable: (type) => subscribed.has(type),

    stored(event) {
      const { fact, dueAt, dedupKey } = find(event.type).definition as unknown as Definition;
      if (fact === undefined || !subscribed.has(event.type)) return undefined;
      return { type: event.type, fact: fact(event), dueAt: dueAt?.(event), dedupKey: dedupKey?.(event) };
    },

    announced(account, event, at) {
      const wiredEvent = find(event.type);
      const { audience } = wiredEvent.definition as unknown as Definition;
      const time = at.toISOString();
      const tellings = audience(event).map(
        (announcement): Telling => ({
          ...announcement,
          payload: payloadOf(() => wiredEvent.present(event, announcement.event, { to: announcement.to, at: time })),
        }),
      );
      return { type: event.type, account, durable: subscribed.has(event.type), at: at.getTime(), tellings };
    },
  };
}
