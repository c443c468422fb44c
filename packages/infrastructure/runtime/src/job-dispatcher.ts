import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { type JobQueue, keyOf, type QueueName, type SharedJobQueue, type Ticket } from '@coucou/application/ports/job-queue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { OutboxDispatcher } from './outbox-store.ts';

export type JobDispatcherOptions = Readonly<{
  worker: OutboxDispatcher;
  types: readonly string[];
  queue: QueueName;
  /** The queue of this process. */
  local: JobQueue;
  /** What nodes share, where there is such a thing. */
  shared: SharedJobQueue | undefined;
  /** Whether this node runs nothing. */
  isIdle: () => boolean;
  metrics: Metrics;
  log: Readonly<{ warn: (details: object, message: string) => void }>;
  /** Takes back what dead workers had. */
  release: () => Promise<void>;
  pollMs?: number;
  /** A ticket that nobody has taken by then is offered again, and on a node that runs nothing it is run there. */
  overdueMs?: number | undefined;
}>;

export interface JobDispatcher {
  start(): void;
  wake(types: readonly string[]): void;
  /** A ticket was used up. */
  taken(ticket: Ticket): void;
  /** How many tickets wait, and for how long the oldest has, in seconds. */
  backlog(): Readonly<{ waiting: number; oldestSeconds: number }>;
  /** Resolves when nothing is due, and all that was handed out has been taken. */
  settled(): Promise<void>;
  stop(): Promise<void>;
  /** Gives up what nobody has taken. */
  close(): Promise<void>;
}

/** Renewals of the lease while somebody may still take what was claimed; below a third of any lease. */
const RENEW_MS = 2_000;
const BATCH = 256;
/** Claimed and not yet taken, per queue: enough to keep many nodes at work, few enough that a node's end gives little back. */
const MOST_SHARED = 1_024;
const MOST_LOCAL = 64;
/** How soon a full queue is looked at again: another node may have emptied it. */
const FULL_MS = 100;

type Held = { ticket: Ticket; since: number; offeredAt: number };

/** Claims the events of one queue as they become due, and offers them to whoever runs them. */
export function createJobDispatcher(options: JobDispatcherOptions): JobDispatcher {
  const { worker, queue, local, shared, isIdle, metrics, log, release, pollMs = 1_000, overdueMs = 10_000 } = options;
  const types = new Set(options.types);
  /** By ticket. */
  const held = new Map<string, Held>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let looking: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let isFull = false;
  let emptied: PromiseWithResolvers<void> | undefined;
  const renewal = setInterval(() => {
    if (held.size > 0) void worker.renew().catch(() => {});
  }, RENEW_MS).unref();
  const offeredHere = metrics.counter(catalogue.queueHere, {});

  const most = (): number => (shared?.isUp() === true ? MOST_SHARED : MOST_LOCAL);

  function drop(key: string): void {
    held.delete(key);
    if (held.size === 0) emptied?.resolve();
    if (isFull && held.size <= most() / 2) void run();
  }

  /** Where nodes can share the work they do; a Redis that is away keeps nothing waiting. */
  async function handOut(tickets: readonly Ticket[]): Promise<void> {
    if (shared !== undefined) {
      try {
        return await shared.offer(tickets);
      } catch {
        // It has said why, once.
      }
      offeredHere.add(tickets.length);
    }
    await local.offer(tickets);
  }

  async function drain(): Promise<void> {
    // Whoever calls has to know of it before it ends.
    await Promise.resolve();
    try {
      let more = true;
      while (more || again) {
        again = false;
        if (stopped) return;
        isFull = held.size > most() / 2;
        if (isFull) return;
        const { events, by, more: others } = await worker.claim(Math.min(BATCH, most() - held.size));
        const at = performance.now();
        const tickets = events.map(({ event }): Ticket => ({ account: event.account, event: event.id, claim: by, queue }));
        for (const ticket of tickets) held.set(keyOf(ticket), { ticket, since: at, offeredAt: at });
        if (tickets.length > 0) await handOut(tickets);
        more = others;
      }
    } catch (error) {
      // Claimed events return when their lease ends; the next poll retries.
      log.warn({ err: error }, 'the outbox could not be read');
    } finally {
      running = undefined;
    }
  }

  function run(): Promise<void> {
    again = true;
    running ??= drain();
    return running;
  }

  /** What others have taken is not held any more, and what nobody takes is offered again: a queue may lose what it was given. */
  async function compare(): Promise<void> {
    const before = performance.now();
    const still = new Set(await worker.held());
    const overdue: Ticket[] = [];
    for (const [key, each] of held) {
      // Those that were claimed meanwhile are unknown to the answer.
      if (each.since >= before) continue;
      if (!still.has(each.ticket.event)) drop(key);
      else if (before - each.offeredAt > overdueMs) {
        each.offeredAt = before;
        overdue.push(each.ticket);
      }
    }
    if (overdue.length === 0 || stopped) return;
    await handOut(overdue);
    if (shared === undefined || !isIdle()) return;
    log.warn({ queue, tickets: overdue.length }, 'jobs wait in Redis though nobody is busy: this node runs them, and renews its worker');
    shared.renew();
    await local.offer(overdue.slice(0, MOST_LOCAL));
  }

  async function look(): Promise<void> {
    try {
      await release();
      if (held.size > 0) await compare();
    } catch (error) {
      log.warn({ err: error }, 'the outbox could not be read');
    }
    looking = undefined;
    if (stopped) return;
    await run();
    if (isFull && !stopped) setTimeout(poll, FULL_MS).unref();
  }
  const poll = (): void => {
    if (!stopped) looking ??= look();
  };

  return {
    start() {
      timer ??= setInterval(poll, pollMs).unref();
      poll();
    },
    wake(committed) {
      if (timer !== undefined && !stopped && committed.some((type) => types.has(type))) void run();
    },
    taken: (ticket) => drop(keyOf(ticket)),
    backlog() {
      const [first] = held.values();
      return { waiting: held.size, oldestSeconds: first === undefined ? 0 : (performance.now() - first.since) / 1_000 };
    },
    async settled() {
      if (timer === undefined) return;
      for (await run(); held.size > 0; await run()) {
        if (stopped) return;
        emptied = Promise.withResolvers();
        await emptied.promise;
      }
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await looking;
      await running;
      emptied?.resolve();
    },
    async close() {
      clearInterval(renewal);
      held.clear();
      await worker.close().catch(() => {});
    },
  };
}
