import { errors } from '@coucou/domain/kernel/errors';

export type FairQueueOptions = Readonly<{ /** Who may wait, of all people and of one. */ mostWaiting: number; mostOfOne: number }>;

export type FairQueue = Readonly<{
  /** Runs work alone, people taking turns. Throws `OVERLOADED` when too many wait. */
  run<T>(person: string, work: () => Promise<T>): Promise<T>;
  /** Ends waiting with this error, now and from now on. */
  close(error: () => Error): void;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}>;

type Waiting = Readonly<{ go: () => void; leave: (error: Error) => void }>;

/** One piece of work at a time. However much one person brings, everybody else waits for one piece of it at most. */
export function createFairQueue({ mostWaiting, mostOfOne }: FairQueueOptions): FairQueue {
  /** In order of whose turn it is. */
  const waiting = new Map<string, Waiting[]>();
  let count = 0;
  let running = false;
  let closed: (() => Error) | undefined;
  let onIdle: (() => void)[] = [];

  const turn = (person: string): Promise<void> => {
    if (closed !== undefined) throw closed();
    if (!running) {
      running = true;
      return Promise.resolve();
    }
    const own = waiting.get(person) ?? [];
    if (count >= mostWaiting || own.length >= mostOfOne) throw errors.OVERLOADED({ what: 'images' });
    count += 1;
    return new Promise((go, leave) => {
      own.push({ go, leave });
      waiting.set(person, own);
    });
  };

  const next = (): void => {
    const [entry] = waiting;
    if (entry === undefined) {
      running = false;
      for (const resolve of onIdle) resolve();
      onIdle = [];
      return;
    }
    const [person, [first, ...rest]] = entry;
    count -= 1;
    waiting.delete(person);
    if (rest.length > 0) waiting.set(person, rest);
    first?.go();
  };

  return {
    async run(person, work) {
      await turn(person);
      try {
        return await work();
      } finally {
        next();
      }
    },
    close(error) {
      closed = error;
      const all = [...waiting.values()].flat();
      waiting.clear();
      count = 0;
      for (const { leave } of all) leave(error());
    },
    idle: () => (running ? new Promise((resolve) => onIdle.push(resolve)) : Promise.resolve()),
  };
}
