import { AsyncLocalStorage } from 'node:async_hooks';

/** Somewhere that code runs: a node, the database, the clients. What is scheduled there is lost with it. */
export type Place = {
  readonly name: string;
  readonly skewMs: number;
  isAlive: boolean;
  /** No timer ends here. */
  readonly isStill?: true;
};

type Restore = ReturnType<typeof AsyncLocalStorage.snapshot>;
export type Task = { at: number; readonly order: number; readonly place: Place; work: (() => void) | undefined };
type Outside = Readonly<{ place: Place; restore: Restore; settled: Promise<unknown>; deliver: () => void }>;

/** The functions that the simulation replaces for everybody else. */
const realImmediate = setImmediate;
const turn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));

/** What a turn of the event loop takes, in milliseconds: a loop that waits for the clock sees it move. */
const TURN_MS = 0.01;

const here = new AsyncLocalStorage<Place>();
/** The asynchronous context of nobody: what comes over a network brings none. */
const fresh = AsyncLocalStorage.snapshot();

/** Where the code that asks runs. */
export const placeHere = (): Place | undefined => here.getStore();
export const runAt = <T>(place: Place, work: () => T): T => here.run(place, work);

/**
 * Virtual time: a queue of what is due, of which one thing after the other runs, and the clock jumps between them. Between two of them all promises
 * settle that can. The order follows from what was scheduled and from `random` alone, so that a run repeats exactly.
 */
export class Scheduler {
  readonly #random: () => number;
  readonly #fail: (error: unknown, place: Place) => void;
  readonly #due: Task[] = [];
  readonly #immediates = new Map<Place, Task[]>();
  /** Promises of the thread pool, in the order in which they were asked for. */
  readonly #outside: Outside[] = [];
  /** By place and duration: timers of one duration fire in the order in which they were set. */
  readonly #lastOf = new WeakMap<Place, Map<number, number>>();
  #now: number;
  #order = 0;
  steps = 0;

  /** `fail`: what a callback threw, which would end a process. */
  constructor({
    startMs,
    random,
    fail,
  }: Readonly<{ startMs: number; random: () => number; fail: (error: unknown, place: Place) => void }>) {
    this.#now = startMs;
    this.#random = random;
    this.#fail = fail;
  }

  /** Milliseconds since 1970, with a fraction, whatever the clocks of the places say. */
  get now(): number {
    return this.#now;
  }

  /** Runs `work` at this place after so many milliseconds, whoever asks for it. */
  after(ms: number, place: Place, work: () => void): Task {
    return this.#add(this.#now + ms, place, () => fresh(() => here.run(place, work)));
  }

  /** As a timer of the caller's, which is late by up to a millisecond. */
  timer(ms: number, place: Place, work: () => void): Task {
    const known = this.#lastOf.get(place) ?? new Map<number, number>();
    this.#lastOf.set(place, known);
    const at = Math.max(this.#now + ms + this.#random(), known.get(ms) ?? 0);
    known.set(ms, at);
    return this.#add(at, place, inContext(work));
  }

  immediate(place: Place, work: () => void): Task {
    const task = this.#task(this.#now, place, inContext(work));
    const queue = this.#immediates.get(place);
    if (queue === undefined) this.#immediates.set(place, [task]);
    else queue.push(task);
    return task;
  }

  /** Work of the thread pool: it takes no virtual time, and its results come in the order of the questions. */
  outside<T>(place: Place, begin: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const begun = begin();
    const settled = begun.then(
      () => {},
      () => {},
    );
    this.#outside.push({ place, restore: AsyncLocalStorage.snapshot(), settled, deliver: () => void begun.then(resolve, reject) });
    return promise;
  }

  /** Runs what is due until `isOver`, or until nothing is scheduled any more. */
  async run(isOver: () => boolean): Promise<void> {
    await this.#settle();
    while (!isOver()) {
      const task = this.#nextImmediate() ?? this.#nextDue();
      if (task === undefined) return;
      this.steps += 1;
      this.#now = Math.max(this.#now, task.at);
      try {
        task.work?.();
      } catch (error) {
        this.#fail(error, task.place);
      }
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    await turn();
    for (let next = this.#outside.shift(); next !== undefined; next = this.#outside.shift()) {
      await next.settled;
      if (next.place.isAlive) next.restore(next.deliver);
      await turn();
    }
  }

  #task(at: number, place: Place, work: () => void): Task {
    this.#order += 1;
    return { at, order: this.#order, place, work };
  }

  #add(at: number, place: Place, work: () => void): Task {
    const task = this.#task(at, place, work);
    const due = this.#due;
    let child = due.length;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = due[parent] as Task;
      if (isBefore(above, task)) break;
      due[child] = above;
      child = parent;
    }
    due[child] = task;
    return task;
  }

  /** The next turn of the event loop of one of the places that have something to do at once. */
  #nextImmediate(): Task | undefined {
    const places = [...this.#immediates.keys()];
    if (places.length === 0) return undefined;
    const place = places[Math.floor(this.#random() * places.length)] as Place;
    const queue = this.#immediates.get(place) as Task[];
    let task = queue.shift();
    while (task !== undefined && !isPending(task)) task = queue.shift();
    if (queue.length === 0) this.#immediates.delete(place);
    if (task === undefined) return this.#nextImmediate();
    task.at = this.#now + TURN_MS;
    return task;
  }

  #nextDue(): Task | undefined {
    for (let task = this.#pop(); task !== undefined; task = this.#pop()) if (isPending(task)) return task;
    return undefined;
  }

  #pop(): Task | undefined {
    const due = this.#due;
    const first = due[0];
    const last = due.pop();
    if (first === undefined || last === undefined || due.length === 0) return first;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= due.length) break;
      if (child + 1 < due.length && isBefore(due[child + 1] as Task, due[child] as Task)) child += 1;
      if (isBefore(last, due[child] as Task)) break;
      due[parent] = due[child] as Task;
      parent = child;
    }
    due[parent] = last;
    return first;
  }
}

function inContext(work: () => void): () => void {
  const restore = AsyncLocalStorage.snapshot();
  return () => restore(work);
}
const isPending = ({ work, place }: Task): boolean => work !== undefined && place.isAlive;
const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
