import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announcement, Audience } from './audience.ts';

declare const DEFINED: unique symbol;

/** What became true. Only a definition makes one, so an event without an audience does not compile. */
export type DomainEvent<Type extends string = string, Data extends object = object> = Readonly<{ type: Type }> &
  Data & { readonly [DEFINED]: true };

/** What the outbox keeps of an event: plain JSON, mostly ids, so that a subscriber reads the state of the moment it runs. */
export type Fact = Readonly<Record<string, unknown>>;

/** Whether these fields of a fact hold ids. */
export const holdIds = (fact: Fact, ...names: readonly string[]): boolean =>
  names.every((name) => typeof fact[name] === 'string' && /^[0-9a-f-]{36}$/i.test(fact[name]));

/** An event as its subscribers get it. `id` is the outbox row's, the same at every delivery. `traceparent`: the span that stored it (`Tracer.carried`). */
export type DurableEvent<F extends Fact = Fact> = F & Readonly<{ id: string; account: AccountId; type: string; traceparent?: string }>;

export interface EventDefinition<Type extends string, Data extends object, Name extends string, F extends Fact> {
  (data: Data): DomainEvent<Type, Data>;
  readonly type: Type;
  /** The names that clients know it by. */
  readonly tells: readonly Name[];
  /** In order: a leaving member leaves the room before the room receives the event, a joining one enters first. */
  readonly audience: (emitted: DomainEvent<Type, Data>) => readonly Announcement<Name>[];
  /** Absent: nobody can subscribe to it. */
  readonly fact?: (emitted: DomainEvent<Type, Data>) => F;
  /** Whether a fact that was stored, perhaps by another version of the server, is one that subscribers can read; absent: any is. */
  readonly reads?: (fact: Fact) => boolean;
  /** When its subscribers run; absent: at once. */
  readonly dueAt?: (emitted: DomainEvent<Type, Data>) => Date | undefined;
  /**
   * Deduplication key, per account and event type. While an event waits for its first attempt, another with the same key is merged into it and only
   * moves its due time forward. The subscriber sees what the transactions of both have written. Absent: events are never merged.
   */
  readonly dedupKey?: (emitted: DomainEvent<Type, Data>) => string;
}

/** Any event's definition, whatever it carries. */
export type AnyEvent = Readonly<{
  type: string;
  tells: readonly string[];
  audience: (event: never) => readonly Announcement[];
  fact?: (event: never) => Fact;
  reads?: (fact: Fact) => boolean;
  dueAt?: (event: never) => Date | undefined;
  dedupKey?: (event: never) => string;
}>;

export type EventOf<Definition> = Definition extends (data: never) => infer Event ? Event : never;
export type FactOf<Definition> = Definition extends { fact?: (event: never) => infer F } ? (F extends Fact ? F : never) : never;

/** `event<{ conversation: Conversation }>()({ type: 'conversation.updated', … })`: the data's type is given, the rest inferred. */
export const event =
  <Data extends object>() =>
  <const Type extends string, const Name extends string = never, F extends Fact = never>(
    definition: Pick<EventDefinition<Type, Data, Name, F>, 'type' | 'tells' | 'audience' | 'fact' | 'reads' | 'dueAt' | 'dedupKey'>,
  ): EventDefinition<Type, Data, Name, F> =>
    Object.assign((data: Data) => ({ ...data, type: definition.type }) as DomainEvent<Type, Data>, definition);

/** What the kernel needs to know of an event's wire schema, which stays in the contracts. */
export type WireEvent<Name extends string = string, Payload = unknown> = Readonly<{
  name: Name;
  payload: Readonly<{ _zod: { readonly output: Payload } }>;
}>;

export type Telling = Readonly<{ to: Audience /** RFC 3339. */; at: string }>;

/** An event with all of its names on the wire. */
export type WiredEvent<Wire = WireEvent> = Readonly<{
  definition: AnyEvent;
  wires: readonly Wire[];
  present: (event: DomainEvent, name: string, telling: Telling) => object;
}>;

export function wired<Definition extends AnyEvent, const Wires extends { readonly [Name in Definition['tells'][number]]: WireEvent<Name> }>(
  definition: Definition,
  wires: Wires,
  present: {
    readonly [Name in keyof Wires]: (
      event: EventOf<Definition>,
      telling: Telling,
    ) => Wires[Name] extends WireEvent<string, infer Payload> ? Payload : never;
  },
): WiredEvent<Wires[keyof Wires]> {
  const presenters = present as unknown as Readonly<Record<string, (event: DomainEvent, telling: Telling) => object>>;
  return {
    definition,
    wires: Object.values(wires) as Wires[keyof Wires][],
    present: (emitted, name, telling) => {
      const presentAs = presenters[name];
      if (presentAs === undefined) throw new Error(`${definition.type} is not told as ${name}`);
      return presentAs(emitted, telling);
    },
  };
}
