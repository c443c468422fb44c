import { createOutboxRunner, type OutboxRunner, type OutboxRunnerOptions, type ReadySubscriber } from './outbox-runner.ts';

export type OutboxOptions = Omit<OutboxRunnerOptions, 'subscribers' | 'batch' | 'rest'> &
  Readonly<{ subscribers: readonly (ReadySubscriber & Readonly<{ isOutward: boolean }>)[] }>;

/** Few at a time: all of them are delivered before their lease ends, however long a system outside takes. And without a rest, since requests do not wait for it. */
const OUTWARD = { batch: 8, rest: 0 };

/** The outbox of this process, in two lanes: what waits for systems outside delays nothing else. */
export function createOutbox({ subscribers, ...options }: OutboxOptions): OutboxRunner {
  const lanes = [
    createOutboxRunner({ ...options, subscribers: subscribers.filter(({ isOutward }) => !isOutward) }),
    createOutboxRunner({ ...options, ...OUTWARD, subscribers: subscribers.filter(({ isOutward }) => isOutward) }),
  ];
  const all = async (work: (lane: OutboxRunner) => Promise<void>): Promise<void> => void (await Promise.all(lanes.map(work)));
  return {
    start: () => lanes.forEach((lane) => lane.start()),
    wake: () => lanes.forEach((lane) => lane.wake()),
    settled: () => all((lane) => lane.settled()),
    stop: () => all((lane) => lane.stop()),
  };
}
