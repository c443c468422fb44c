import { createOutboxRunner, type OutboxRunner, type OutboxRunnerOptions, type ReadySubscriber } from './outbox-runner.ts';
import type { OutboxLag, OutboxStore } from './outbox-store.ts';

export type OutboxOptions = Omit<OutboxRunnerOptions, 'store' | 'subscribers' | 'batch' | 'adapts'> &
  Readonly<{ store: OutboxStore; subscribers: readonly (ReadySubscriber & Readonly<{ isOutward: boolean }>)[] }>;

export interface Outbox extends OutboxRunner {
  /** How far behind it is; asked of the database at most once a second. */
  lag(): Promise<OutboxLag>;
}

/** Few at a time, so that a stop need not wait for many, however long a system outside takes. */
const OUTWARD = { batch: 8, adapts: false };
const LAG_EVERY_MS = 1_000;

/** The outbox of this process, in two lanes: what waits for systems outside delays nothing else. */
export function createOutbox({ subscribers, ...options }: OutboxOptions): Outbox {
  const lanes = [
    { ...options, subscribers: subscribers.filter(({ isOutward }) => !isOutward) },
    { ...options, ...OUTWARD, subscribers: subscribers.filter(({ isOutward }) => isOutward) },
  ]
    // Nothing is stored that nobody subscribes to.
    .filter((lane) => lane.subscribers.length > 0)
    .map(createOutboxRunner);
  const all = async (work: (lane: OutboxRunner) => Promise<void>): Promise<void> => void (await Promise.all(lanes.map(work)));
  let last: Readonly<{ at: number; lag: Promise<OutboxLag> }> | undefined;
  return {
    start: () => lanes.forEach((lane) => lane.start()),
    wake: (types) => lanes.forEach((lane) => lane.wake(types)),
    settled: () => all((lane) => lane.settled()),
    stop: () => all((lane) => lane.stop()),
    lag() {
      const now = performance.now();
      if (last === undefined || now - last.at >= LAG_EVERY_MS) last = { at: now, lag: options.store.lag() };
      return last.lag;
    },
  };
}
