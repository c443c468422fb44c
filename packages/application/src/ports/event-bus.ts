import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announcement } from '../kernel/audience.ts';

/** One recipient group of an event and what it is told; `payload` is presented once, when it is first asked for. */
export type Telling = Announcement & Readonly<{ payload: () => object }>;

/** An event on its way to the nodes. All of it but `payload` is plain data, and so is what `payload` answers: see `kernel/frame.ts`. */
export type Announced = Readonly<{
  type: string;
  account: AccountId;
  /** Whether the outbox holds it for a subscriber. */
  durable: boolean;
  tellings: readonly Telling[];
}>;

/** Carries announced events to whoever subscribed: the gateway, the outbox. Never throws; one listener's failure is not another's. */
export interface EventBus {
  publish(announced: readonly Announced[]): void;
  /** Answers how to end the subscription. */
  subscribe(listener: (announced: readonly Announced[]) => void): () => void;
}
