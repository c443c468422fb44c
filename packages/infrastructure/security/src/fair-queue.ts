import { errors } from '@coucou/domain/kernel/errors';

export type FairQueueOptions = Readonly<{
  /** Tasks that run at the same time. */
  concurrency: number;
  /** Tasks that may wait, of all keys together. */
  queueLimit: number;
}>;

type Waiting = Readonly<{ start: () => void; refuse: (error: Error) => void }>;

/**
 * Runs few tasks at a time, and lets the keys of those that wait take turns. A full queue refuses with `OVERLOADED`: the last
 * task of the key with the longest line, so that no key fills the queue for the others.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** The keys in the order of their turns; a line is never empty. */
  readonly #lines = new Map<string, Waiting[]>();
  #waiting = 0;
  #running = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.concurrency) this.#running += 1;
    else await this.#turn(key);
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** Resolves when it is this task's turn; the place of the one that has ended is its own then. */
  #turn(key: string): Promise<void> {
    if (this.#waiting >= this.#options.queueLimit) this.#makeRoom(key);
    return new Promise((start, refuse) => {
      const line = this.#lines.get(key);
      if (line === undefined) this.#lines.set(key, [{ start, refuse }]);
      else line.push({ start, refuse });
      this.#waiting += 1;
    });
  }

  #makeRoom(key: string): void {
    const own = this.#lines.get(key)?.length ?? 0;
    let longest: readonly [string, Waiting[]] | undefined;
    for (const entry of this.#lines) if (entry[1].length > (longest?.[1].length ?? 0)) longest = entry;
    // Who would then have the longest line is refused itself.
    if (longest === undefined || longest[1].length <= own + 1) throw errors.OVERLOADED();
    this.#take(longest, 'pop').refuse(errors.OVERLOADED());
  }

  #next(): void {
    const [first] = this.#lines;
    if (first === undefined) {
      this.#running -= 1;
      return;
    }
    const next = this.#take(first, 'shift');
    // To the end of the round.
    if (this.#lines.delete(first[0])) this.#lines.set(...first);
    next.start();
  }

  #take([key, line]: readonly [string, Waiting[]], end: 'shift' | 'pop'): Waiting {
    const taken = line[end]();
    if (taken === undefined) throw new Error('a line of the queue is empty');
    if (line.length === 0) this.#lines.delete(key);
    this.#waiting -= 1;
    return taken;
  }
}
