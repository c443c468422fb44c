import type { Clock } from '@coucou/application/ports/clock';
import type { DurableEvent } from '@coucou/application/ports/durable-event';
import type { ClaimedEvent, OutboxStore } from './outbox-store.ts';

/** A subscriber that has its ports. */
export type ReadySubscriber = Readonly<{ name: string; on: DurableEvent['type']; run: (event: DurableEvent) => Promise<void> }>;

export type OutboxRunnerOptions = Readonly<{
  store: OutboxStore;
  subscribers: readonly ReadySubscriber[];
  clock: Clock;
  log: Readonly<{ warn: (details: object, message: string) => void; error: (details: object, message: string) => void }>;
  /** Events claimed at a time, and run side by side. */
  batch?: number;
  /** How often to look without being woken: finds what is due again, and what a dead process left. */
  pollMs?: number;
  maxAttempts?: number;
  /** The wait after the first failure; it doubles with each, up to an hour. */
  backoffMs?: number;
}>;

export interface OutboxRunner {
  start(): void;
  /** There may be something to do; called after a commit that emitted. */
  wake(): void;
  /** Resolves when nothing is due and nothing runs. A retry that waits for its time is not waited for. */
  settled(): Promise<void>;
  /** Takes no more, and resolves when what runs has ended. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** Runs the durable consequences of domain events in this process: at least once, in no order. */
export function createOutboxRunner(options: OutboxRunnerOptions): OutboxRunner {
  const { store, subscribers, clock, log, batch = 32, pollMs = 1_000, maxAttempts = 12, backoffMs = 1_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  /** One event's failure is its own: it is retried alone, and the others are done. */
  async function deliver({ event, attempts }: ClaimedEvent): Promise<void> {
    try {
      // In turn, so that a retry does not run beside the attempt it retries.
      for (const subscriber of subscribers) if (subscriber.on === event.type) await subscriber.run(event);
    } catch (error) {
      const dead = attempts >= maxAttempts;
      const wait = Math.min(backoffMs * 2 ** (attempts - 1), HOUR_MS);
      const details = { err: error, eventId: event.id, event: event.type, attempts };
      if (dead) log.error(details, 'gave up on an event');
      else log.warn({ ...details, retryInMs: wait }, 'an event failed and will be tried again');
      await store.failed(event, describe(error), dead ? undefined : new Date(clock.now().getTime() + wait));
      return;
    }
    await store.done(event);
  }

  async function drain(): Promise<void> {
    try {
      let claimed: readonly ClaimedEvent[];
      do {
        again = false;
        claimed = stopped ? [] : await store.claim(batch);
        await Promise.all(claimed.map(deliver));
      } while (claimed.length === batch || again);
    } catch (error) {
      // The store is away. What was claimed comes back when its lease ends; the next poll looks again.
      log.warn({ err: error }, 'the outbox could not be read');
    } finally {
      // In the same turn as the last look at `again`, so that no wake-up falls between.
      running = undefined;
    }
  }

  function run(): Promise<void> {
    again = true;
    running ??= drain();
    return running;
  }

  return {
    start() {
      // Nothing is stored that nobody subscribes to.
      if (subscribers.length === 0) return;
      timer ??= setInterval(() => void run(), pollMs);
      timer.unref();
      void run();
    },
    wake() {
      if (timer !== undefined && !stopped) void run();
    },
    async settled() {
      if (timer === undefined) return;
      await run();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
