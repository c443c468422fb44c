import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announcement } from '../kernel/audience.ts';
import type { Payload } from '../kernel/payload.ts';

/** One audience of an event with its payload. */
export type Telling = Announcement & Readonly<{ payload: Payload }>;

/** An event on its way to the nodes. All of it but `payload` is plain data: see `kernel/frame.ts`. */
export type Announced = Readonly<{
  type: string;
  account: AccountId;
  /** Whether the outbox holds it for a subscriber. */
  durable: boolean;
  /** The span that announced it (`Tracer.carried`); absent where it is not traced. */
  traceparent?: string | undefined;
  /** When its transaction had been committed, in milliseconds since 1970 by the clock of that node; absent from nodes that do not say. */
  at?: number | undefined;
  tellings: readonly Telling[];
}>;

/**
 * Delivers announced events to its subscribers, those of its own node first and in the publisher's turn; other nodes receive what a node publishes
 * in the order in which it did, each event at most once. Never throws; listeners fail independently.
 */
export interface EventBus {
  publish(announced: readonly Announced[]): void;
  /** Answers a function that unsubscribes. */
  subscribe(listener: (announced: readonly Announced[]) => void): () => void;
  /**
   * For what is kept by events: `listener` runs when events of other nodes arrive again and some may have been lost, so that it compares with the
   * database. Never with one node. Answers a function that unsubscribes.
   */
  onRecovered(listener: () => void): () => void;
  /** Whether events of other nodes arrive, as far as this node knows. */
  isWhole(): boolean;
}
