import { setTimeout as pause } from 'node:timers/promises';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Clock } from '@coucou/application/ports/clock';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { ClaimedEvent, OutboxStore } from './outbox-store.ts';

/** A subscriber that has its ports. */
export type ReadySubscriber = Readonly<{ name: string; on: DurableEvent['type']; run: (events: readonly DurableEvent[]) => Promise<void> }>;

export type OutboxRunnerOptions = Readonly<{
  store: OutboxStore;
  subscribers: readonly ReadySubscriber[];
  clock: Clock;
  metrics: Metrics;
  log: Readonly<{ warn: (details: object, message: string) => void; error: (details: object, message: string) => void }>;
  /** Events claimed at a time. */
  batch?: number;
  /** The least pause between full rounds, in multiples of the time that a round took. */
  rest?: number;
  /** Poll interval: finds retries that are due, and what a dead process left. */
  pollMs?: number;
  maxAttempts?: number;
  /** Back-off after the first failure that counts; it doubles with each, up to an hour. */
  backoffMs?: number;
}>;

export interface OutboxRunner {
  start(): void;
  /** Wakes the runner after a commit that stored events. */
  wake(): void;
  /** Resolves when nothing is due and nothing runs; does not wait for later retries. */
  settled(): Promise<void>;
  /** Stops claiming, and resolves when the current round has ended. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Retry of what failed because something that it needs is away, such as the database. */
const AWAY_RETRY_MS = 30_000;
/** Minimum pause between rounds while there is more to do. */
const GATHER_MS = 50;

/**
 * The event is not at fault: it waits however long that lasts, and is never given up. A time-out may well be the event's own.
 */
const isAway = (error: unknown): boolean => error instanceof ChatError && error.code === errors.SERVICE_UNAVAILABLE.code;

/** Runs the durable consequences of domain events in this process: at least once, in no order. */
export function createOutboxRunner(options: OutboxRunnerOptions): OutboxRunner {
  const {
    store,
    subscribers,
    clock,
    metrics,
    log,
    batch = 256,
    rest: restFor = 3,
    pollMs = 1_000,
    maxAttempts = 12,
    backoffMs = 1_000,
  } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  /** Claims only types with a subscriber here; others wait, so a feature that is disabled for a while loses nothing. */
  const types = [...new Set(subscribers.map(({ on }) => on))];
  let stopped = false;
  const rest = new AbortController();
  const outcomeOf = (outcome: string) => metrics.counter(catalogue.outboxEvents, { outcome });
  const counts = { done: outcomeOf('done'), failed: outcomeOf('failed'), dead: outcomeOf('dead') };

  /** Delivers events to a subscriber as a group; on failure one at a time, so that a failure affects one event only. */
  async function give(tell: ReadySubscriber['run'], events: readonly DurableEvent[], failures: Map<DurableEvent, unknown>): Promise<void> {
    try {
      await tell(events);
    } catch (error) {
      if (events.length === 1 || isAway(error)) for (const event of events) failures.set(event, error);
      else for (const event of events) await give(tell, [event], failures);
    }
  }

  async function deliver(claimed: readonly ClaimedEvent[]): Promise<void> {
    const failures = new Map<DurableEvent, unknown>();
    // Sequentially, so that a retry never overlaps its attempt, and side effects do not starve requests.
    for (const subscriber of subscribers) {
      const waited = claimed.map(({ event }) => event).filter((event) => event.type === subscriber.on && !failures.has(event));
      for (const events of Map.groupBy(waited, ({ account }) => account).values()) await give(subscriber.run, events, failures);
    }
    const done = claimed.map(({ event }) => event).filter((event) => !failures.has(event));
    if (done.length > 0) await store.done(done);
    counts.done.add(done.length);
    for (const { event, attempts } of claimed) if (failures.has(event)) await fail(event, attempts, failures.get(event));
  }

  async function fail(event: DurableEvent, attempts: number, error: unknown): Promise<void> {
    const away = isAway(error);
    const dead = attempts >= maxAttempts && !away;
    const wait = away ? AWAY_RETRY_MS : Math.min(backoffMs * 2 ** (attempts - 1), HOUR_MS);
    counts[dead ? 'dead' : 'failed'].add();
    const details = { err: error, eventId: event.id, event: event.type, attempts };
    if (dead) log.error(details, 'gave up on an event');
    else log.warn({ ...details, retryInMs: wait }, 'an event failed and will be tried again');
    await store.failed(event, describe(error), dead ? undefined : new Date(clock.now().getTime() + wait), { counts: !away });
  }

  async function drain(): Promise<void> {
    try {
      let claimed: readonly ClaimedEvent[];
      do {
        again = false;
        const begun = performance.now();
        claimed = stopped ? [] : await store.claim(batch, types);
        await deliver(claimed);
        // Under load, requests come first, and side effects follow in larger rounds.
        if (claimed.length === batch || again)
          await pause(Math.max(GATHER_MS, restFor * (performance.now() - begun)), undefined, { signal: rest.signal }).catch(() => {});
      } while (claimed.length === batch || again);
    } catch (error) {
      // The store is unavailable. Claimed events return when their lease ends; the next poll retries.
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
      rest.abort();
      clearInterval(timer);
      await running;
    },
  };
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500);
