import { errors } from '@coucou/domain/kernel/errors';
import { FairLines } from './fair-lines.ts';

export type FairQueueOptions = Readonly<{
  /** Tasks that run at the same time. */
  concurrency: number;
  /** Tasks that may wait, of all keys together and of one. */
  mostWaiting: number;
  mostOfOne?: number;
}>;

export type FairQueue = Readonly<{
  /** Runs the task when it is its turn. Throws `OVERLOADED` when too many wait. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Throws `OVERLOADED` where a task of this key would be refused now, to be asked before what the task needs is fetched. */
  requireRoom(key: string): void;
  /** Ends waiting with this error, now and from now on. */
  close(error: () => Error): void;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}>;

type Waiting = Readonly<{ start: () => void; refuse: (error: Error) => void }>;

/**
 * Runs few tasks at a time, and lets the keys of those that wait take turns. A full queue refuses the last task of the key with the
 * longest line, so that no key fills the queue for the others.
 */
export function createFairQueue({ concurrency, mostWaiting, mostOfOne = mostWaiting }: FairQueueOptions): FairQueue {
  const lines = new FairLines<Waiting>();
  let running = 0;
  let closed: (() => Error) | undefined;
  let onIdle: (() => void)[] = [];

  function requireRoom(key: string): void {
    if (running < concurrency) return;
    if (lines.lengthOf(key) >= mostOfOne) throw errors.OVERLOADED();
    if (lines.size >= mostWaiting && !lines.wouldGiveWay(key)) throw errors.OVERLOADED();
  }

  function turn(key: string): Promise<void> | undefined {
    if (closed !== undefined) throw closed();
    if (running < concurrency) {
      running += 1;
      return undefined;
    }
    requireRoom(key);
    if (lines.size >= mostWaiting) lines.giveWay(key)?.refuse(errors.OVERLOADED());
    return new Promise((start, refuse) => lines.add(key, { start, refuse }));
  }

  /** The place of a task that has ended goes to the next. */
  function next(): void {
    const first = lines.next();
    if (first !== undefined) return first.start();
    running -= 1;
    if (running > 0) return;
    for (const resolve of onIdle) resolve();
    onIdle = [];
  }

  return {
    async run(key, task) {
      const waiting = turn(key);
      // A task with a place starts at once.
      if (waiting !== undefined) await waiting;
      try {
        return await task();
      } finally {
        next();
      }
    },
    requireRoom,
    close(error) {
      closed = error;
      for (const { refuse } of lines.clear()) refuse(error());
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
  };
}
