import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { type QueueName, queues, type SharedJobQueue } from '@coucou/application/ports/job-queue';
import type { ReadySubscriber } from './attempt.ts';
import { createJobDispatcher, type JobDispatcher, type JobDispatcherOptions } from './job-dispatcher.ts';
import { createJobQueue } from './job-queue.ts';
import { createJobRunner } from './job-runner.ts';
import { createOutboxRunner, type OutboxRunner, type OutboxRunnerOptions } from './outbox-runner.ts';
import type { OutboxLag, OutboxStore } from './outbox-store.ts';

export type OutboxOptions = Omit<OutboxRunnerOptions, 'store' | 'subscribers' | 'batch'> &
  Readonly<{
    store: OutboxStore;
    /** `queue`: events are run one by one out of a queue; absent: in batches, by this process. */
    subscribers: readonly (ReadySubscriber & Readonly<{ queue: QueueName | undefined }>)[];
    /** The queue that nodes share. */
    shared?: SharedJobQueue | undefined;
    overdueMs?: JobDispatcherOptions['overdueMs'];
  }>;

export interface Outbox extends OutboxRunner {
  /** How far behind it is; asked of the database at most once a second. */
  lag(): Promise<OutboxLag>;
}

/** Jobs that run at once, of each of the two queues: of this process, and of those that nodes share. */
const AT_ONCE = 32;
const LAG_EVERY_MS = 1_000;

/** The outbox of this process: what it runs in batches, and what it hands to queues. */
export function createOutbox({ subscribers, shared, ...options }: OutboxOptions): Outbox {
  const { store, pollMs = 1_000 } = options;
  const local = createJobQueue();
  const batches = subscribers.filter(({ queue }) => queue === undefined);
  const queued = subscribers.filter(({ queue }) => queue !== undefined);
  const release = createRelease(store, pollMs / 2);
  const lanes = queues.flatMap((queue) => {
    const types = [...new Set(queued.filter((each) => each.queue === queue).map(({ on }) => on))];
    // Nothing is stored that nobody subscribes to.
    if (types.length === 0) return [];
    return [
      {
        queue,
        dispatcher: createJobDispatcher({ ...options, worker: store.dispatcher(types), types, queue, local, shared, isIdle, release }),
      },
    ];
  });
  const jobs = createJobRunner({
    ...options,
    subscribers: queued,
    onTaken: (ticket) => lanes.find(({ queue }) => queue === ticket.queue)?.dispatcher.taken(ticket),
  });
  function isIdle(): boolean {
    return jobs.isIdle();
  }
  const perQueue = (of: (dispatcher: JobDispatcher) => number) => () =>
    lanes.map(({ queue, dispatcher }) => ({ labels: { queue }, value: of(dispatcher) }));
  options.metrics.gauge(
    catalogue.queueWaiting,
    perQueue((dispatcher) => dispatcher.backlog().waiting),
  );
  options.metrics.gauge(
    catalogue.queueOldest,
    perQueue((dispatcher) => dispatcher.backlog().oldestSeconds),
  );
  const runners = batches.length > 0 ? [createOutboxRunner({ ...options, subscribers: batches, release })] : [];
  const parts = [...runners, ...lanes.map(({ dispatcher }) => dispatcher)];
  let last: Readonly<{ at: number; lag: Promise<OutboxLag> }> | undefined;
  return {
    start() {
      if (lanes.length > 0) for (const queue of [local, ...(shared === undefined ? [] : [shared])]) queue.work(jobs.run, AT_ONCE);
      for (const part of parts) part.start();
    },
    wake: (types) => parts.forEach((part) => part.wake(types)),
    async settled() {
      await Promise.all(parts.map((part) => part.settled()));
      await jobs.settled();
    },
    async stop() {
      jobs.endEarly();
      await Promise.all([...parts.map((part) => part.stop()), local.stop(), shared?.stop()]);
      await Promise.all([jobs.close(), ...lanes.map(({ dispatcher }) => dispatcher.close())]);
    },
    lag() {
      const now = performance.now();
      if (last === undefined || now - last.at >= LAG_EVERY_MS) last = { at: now, lag: store.lag() };
      return last.lag;
    },
  };
}

/** Takes back what dead workers had, once for all who look. */
function createRelease(store: OutboxStore, everyMs: number): () => Promise<void> {
  const worker = store.dispatcher([]);
  let last: Readonly<{ at: number; released: Promise<unknown> }> | undefined;
  return async () => {
    const now = performance.now();
    if (last === undefined || now - last.at >= everyMs) last = { at: now, released: worker.releaseExpired() };
    await last.released;
  };
}
