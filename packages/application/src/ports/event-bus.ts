import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announcement } from '../kernel/audience.ts';

/** One audience of an event with its payload, which is presented once, when first asked for. */
export type Telling = Announcement & Readonly<{ payload: () => object }>;

/** An event on its way to the nodes. All of it but `payload` is plain data, and so is what `payload` answers: see `kernel/frame.ts`. */
export type Announced = Readonly<{
  type: string;
  account: AccountId;
  /** Whether the outbox holds it for a subscriber. */
  durable: boolean;
  tellings: readonly Telling[];
}>;

/** Delivers announced events to its subscribers: the gateway, the outbox. Never throws; listeners fail independently. */
export interface EventBus {
  publish(announced: readonly Announced[]): void;
  /** Answers a function that unsubscribes. */
  subscribe(listener: (announced: readonly Announced[]) => void): () => void;
}
