import type { DurableEvent } from '@coucou/application/kernel/event';
import type { Ticket } from '@coucou/application/ports/job-queue';

/** `attempts` counts the deliveries begun, this one included. */
export type ClaimedEvent = Readonly<{ event: DurableEvent; attempts: number }>;
/** `retryInMs`: absent for a dead letter, which is kept for inspection. `counts: false` takes the attempt back. */
export type FailedEvent = Readonly<{ event: DurableEvent; reason: string; retryInMs: number | undefined; counts: boolean }>;

/**
 * What a runner needs of the table of pending side effects. A worker's claims stand under one lease. Whoever finds it expired takes them
 * back, and from then on nothing that the worker does with them has an effect: neither `done` nor `failed`, nor a transaction of `effect`.
 */
export interface OutboxWorker {
  /** Events that are due, each claimed by this worker alone; `more`: there may be others. Those that are `finished` are marked so, as by `done`. */
  claim(limit: number, finished?: readonly DurableEvent[]): Promise<Readonly<{ events: readonly ClaimedEvent[]; more: boolean }>>;
  /**
   * Runs what an event causes; answers false when the claim was lost, and nothing that the work wrote in the database is kept. `synced: false`:
   * its commits do not wait for the disk. The end of the event is written after them, so that a crash which takes them takes that too.
   */
  effect(work: () => Promise<void>, options?: Readonly<{ synced?: boolean }>): Promise<boolean>;
  /** Marks claimed events as fully processed. */
  done(events: readonly DurableEvent[]): Promise<void>;
  failed(failures: readonly FailedEvent[]): Promise<void>;
  /** Extends the lease: for a runner that is still at work on a claim. */
  renew(): Promise<void>;
  /** Gives up every claim, so that others may take them. */
  giveUp(): Promise<void>;
  /** Takes back what dead workers had claimed; answers how many of them there were. */
  releaseExpired(): Promise<number>;
  close(): Promise<void>;
}

/** What hands events on to a queue needs of the table: claims that begin no attempt. */
export interface OutboxDispatcher extends Pick<OutboxWorker, 'renew' | 'releaseExpired' | 'close'> {
  /** As a worker's; `by`: the claim that the tickets name. */
  claim(limit: number): Promise<Readonly<{ events: readonly ClaimedEvent[]; more: boolean; by: string }>>;
  /** Ids of the events that it has claimed and nobody has taken. */
  held(): Promise<readonly string[]>;
}

/** `attempts` counts this one. `claim`: what its ticket named. `by`: the id under which it was taken. */
export type TakenEvent = ClaimedEvent & Readonly<{ claim: string; by: string }>;

/** What runs events out of a queue needs of the table. What it has taken stands under one lease, as a worker's claims do. */
export interface JobWorker {
  /** Those that are still to be run, and from now on nobody else's. */
  take(tickets: readonly Ticket[]): Promise<readonly TakenEvent[]>;
  effect(taken: TakenEvent, work: () => Promise<void>, options?: Readonly<{ synced?: boolean }>): Promise<boolean>;
  done(taken: readonly TakenEvent[]): Promise<void>;
  /** Writes how far some are, from 0 to 1, where they are still this worker's. */
  progress(told: readonly Readonly<{ taken: TakenEvent; share: number }>[]): Promise<void>;
  failed(taken: TakenEvent, failure: FailedEvent): Promise<void>;
  renew(): Promise<void>;
  /** Gives up all that was taken under an id, so that others may take it. */
  giveUp(by: string): Promise<void>;
  close(): Promise<void>;
}

/** Depth and age of what is due and not claimed, and the number of dead letters. */
export type OutboxLag = Readonly<{ waiting: number; oldestSeconds: number; dead: number }>;

export interface OutboxStore {
  worker(types: readonly string[]): OutboxWorker;
  dispatcher(types: readonly string[]): OutboxDispatcher;
  jobWorker(): JobWorker;
  lag(): Promise<OutboxLag>;
}
