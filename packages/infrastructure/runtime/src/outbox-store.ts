import type { DurableEvent } from '@coucou/application/kernel/event';

/** `attempts` counts the deliveries begun, this one included. */
export type ClaimedEvent = Readonly<{ event: DurableEvent; attempts: number }>;

/**
 * What the runner needs of the table of pending side effects. Every claimed event is either done or failed; one that is neither, for
 * its runner died, is handed out again when its lease ends.
 */
export interface OutboxStore {
  /** Events of these types that are due, the oldest first. Each is leased to the caller: no other runner gets it meanwhile. */
  claim(limit: number, types: readonly string[]): Promise<readonly ClaimedEvent[]>;
  /** Marks these events as fully processed. */
  done(events: readonly DurableEvent[]): Promise<void>;
  /** Due again at `retryAt`; without one it is dead, and kept for inspection. `counts: false` takes the attempt back. */
  failed(event: DurableEvent, reason: string, retryAt: Date | undefined, options: Readonly<{ counts: boolean }>): Promise<void>;
}
