import type { AccountId } from '@coucou/domain/kernel/ids';

/** In the order in which they are run: what somebody waits for, what nobody waits for, and what is long. */
export const queues = ['urgent', 'normal', 'bulk'] as const;
export type QueueName = (typeof queues)[number];

/**
 * Says that an event of the outbox is to be run, and who has claimed it. Nothing of the event itself stands in it: whoever takes it asks the
 * database, which knows whether it is still to be run.
 */
export type Ticket = Readonly<{ account: AccountId; event: string; claim: string; queue: QueueName }>;

/**
 * Spreads work over those who run it. It may lose what it was given, and may hand it out more than once: what is due and what is done stands in
 * the outbox.
 */
export interface JobQueue {
  /** Puts tickets there; one that waits already is left as it is. Rejects, after half a second at the latest, where it cannot. */
  offer(tickets: readonly Ticket[]): Promise<void>;
  /** Runs `run` for tickets, whoever offered them, `atOnce` at a time, those of the first queue before others. What it throws is ignored. */
  work(run: (ticket: Ticket) => Promise<void>, atOnce: number): void;
  /** Takes no more, and resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** A queue that nodes share. */
export interface SharedJobQueue extends JobQueue {
  /** Whether it can be used now. */
  isUp(): boolean;
  /** Tickets were not taken in time though nobody was busy: whatever takes them is made anew. */
  renew(): void;
}

/** Tickets are the same when they are for the same event under the same claim. */
export const keyOf = ({ event, claim }: Ticket): string => `${event}.${claim}`;
