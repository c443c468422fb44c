import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { type AttemptOptions, createAttempts, isAway, type ReadySubscriber, Silence } from './attempt.ts';
import type { ClaimedEvent, OutboxStore } from './outbox-store.ts';
import { nextSize, restAfter } from './pace.ts';

export type OutboxRunnerOptions = AttemptOptions &
  Readonly<{
    store: Pick<OutboxStore, 'worker'>;
    subscribers: readonly ReadySubscriber[];
    /** Events claimed at a time. */
    batch?: number;
    /** How long calls have waited for the database since it was last asked, in milliseconds. */
    waitedMs?: () => number;
    /** Poll interval: finds retries that are due, and what a dead process left. */
    pollMs?: number;
    /** Takes back what dead workers had; by the runner's own worker where it is not given. */
    release?: () => Promise<void>;
  }>;

export interface OutboxRunner {
  start(): void;
  /** Wakes the runner after a commit that stored events of these types. */
  wake(types: readonly string[]): void;
  /** Resolves when nothing is due and nothing runs; does not wait for later retries. */
  settled(): Promise<void>;
  /** Stops claiming, and resolves when the current round has ended. */
  stop(): Promise<void>;
}

/** Renewals of the lease while a round lasts; below a third of any lease. */
const RENEW_MS = 2_000;

/** Runs the durable consequences of domain events in this process: at least once, in no order. */
export function createOutboxRunner(options: OutboxRunnerOptions): OutboxRunner {
  const { store, subscribers, log, batch = 256, waitedMs = () => 0, pollMs = 1_000 } = options;
  const { counts, exhausted, answered, failed } = createAttempts(options);
  /** Claims only types with a subscriber here; others wait, so a feature that is disabled for a while loses nothing. */
  const types = new Set(subscribers.map(({ on }) => on));
  const worker = store.worker([...types]);
  const release = options.release ?? (async () => void (await worker.releaseExpired()));
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let looking: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const rest = new AbortController();

  /** Delivers events to a subscriber as a group; on failure one at a time, so that a failure affects one event only. False: the claim was lost. */
  async function give(to: ReadySubscriber, events: readonly DurableEvent[], failures: Map<DurableEvent, unknown>): Promise<boolean> {
    try {
      return await worker.effect(() => answered(to, events), { synced: to.asyncCommit !== true });
    } catch (error) {
      if (events.length === 1 || isAway(error) || error instanceof Silence) for (const event of events) failures.set(event, error);
      else for (const event of events) if (!(await give(to, [event], failures))) return false;
    }
    return true;
  }

  /** One account after the other, so that side effects do not starve requests. False: the claim was lost. */
  async function tell(
    subscriber: ReadySubscriber,
    events: readonly DurableEvent[],
    failures: Map<DurableEvent, unknown>,
  ): Promise<boolean> {
    for (const ofAccount of Map.groupBy(events, ({ account }) => account).values()) {
      if (await give(subscriber, ofAccount, failures)) continue;
      log.warn({ subscriber: subscriber.name, events: events.length }, 'the claim of these events was lost: another worker runs them');
      return false;
    }
    return true;
  }

  async function done(events: readonly DurableEvent[]): Promise<void> {
    if (events.length === 0) return;
    await worker.done(events);
    counts.done.add(events.length);
  }

  /** Answers those that are finished, and not marked so yet. */
  async function deliver(claimed: readonly ClaimedEvent[]): Promise<readonly DurableEvent[]> {
    const failures = new Map<DurableEvent, unknown>();
    for (const { event, attempts } of claimed) {
      const fault = exhausted(attempts);
      if (fault !== undefined) failures.set(event, fault);
    }
    for (const [type, ofType] of Map.groupBy(claimed, ({ event }) => event.type)) {
      const events = ofType.map(({ event }) => event).filter((event) => !failures.has(event));
      // At once, those of one type: few. Each of them sequentially, so that a retry never overlaps its attempt.
      const told = subscribers.filter(({ on }) => on === type).map((subscriber) => tell(subscriber, events, failures));
      if ((await Promise.all(told)).includes(false)) return [];
    }
    const finished = claimed.map(({ event }) => event).filter((event) => !failures.has(event));
    if (failures.size === 0) return finished;
    await done(finished);
    await worker.failed(
      claimed.flatMap(({ event, attempts }) => (failures.has(event) ? [failed(event, attempts, failures.get(event))] : [])),
    );
    if ([...failures.values()].some((error) => error instanceof Silence)) await worker.giveUp();
    return [];
  }

  /** Longer than `UNNOTICED_MS` where others keep the event loop, or the database, busy. */
  async function waited(): Promise<number> {
    const asked = performance.now();
    await turn();
    return Math.max(waitedMs(), performance.now() - asked);
  }

  async function drain(): Promise<void> {
    let size = batch;
    let waitedBefore = 0;
    /** Of the last round: the next claim marks them on its way. */
    let finished: readonly DurableEvent[] = [];
    const finish = async (): Promise<void> => {
      const those = finished;
      finished = [];
      await done(those);
    };
    const renewal = setInterval(() => void worker.renew().catch(() => {}), RENEW_MS).unref();
    try {
      let more = true;
      while (more || again) {
        again = false;
        if (stopped) return await finish();
        const begun = performance.now();
        const claim = await worker.claim(size, finished);
        counts.done.add(finished.length);
        finished = await deliver(claim.events);
        more = claim.more;
        if (claim.events.length === 0) continue;
        const workedMs = performance.now() - begun;
        size = nextSize(size, batch, { isFull: claim.events.length >= size, workedMs });
        const waitedNow = await waited();
        const restMs = restAfter(workedMs, waitedNow, waitedBefore);
        waitedBefore = waitedNow;
        if (restMs < 1 && (more || again)) continue;
        await finish();
        if (restMs >= 1) await pause(restMs, undefined, { signal: rest.signal }).catch(() => {});
      }
    } catch (error) {
      // The store is unavailable. Claimed events return when their lease ends; the next poll retries.
      log.warn({ err: error }, 'the outbox could not be read');
    } finally {
      clearInterval(renewal);
      // In the same turn as the last look at `again`, so that no wake-up falls between.
      running = undefined;
    }
  }

  function run(): Promise<void> {
    again = true;
    running ??= drain();
    return running;
  }

  async function look(): Promise<void> {
    await release().catch((error: unknown) => log.warn({ err: error }, 'the outbox could not be read'));
    looking = undefined;
    if (!stopped) void run();
  }
  const poll = (): void => {
    looking ??= look();
  };

  return {
    start() {
      timer ??= setInterval(poll, pollMs).unref();
      poll();
    },
    wake(committed) {
      if (timer !== undefined && !stopped && committed.some((type) => types.has(type))) void run();
    },
    async settled() {
      if (timer === undefined) return;
      await run();
    },
    async stop() {
      stopped = true;
      rest.abort();
      clearInterval(timer);
      await looking;
      await running;
      await worker.close().catch(() => {});
    },
  };
}
