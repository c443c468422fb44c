import { AsyncLocalStorage } from 'node:async_hooks';
import { FairLines } from '@coucou/application/kernel/fair-lines';
import { errors } from '@coucou/domain/kernel/errors';
import type { SessionPool } from './session.ts';

/** The caller that work in the database is attributed to. */
export type Caller = Readonly<{
  /** A person, or a network address where nobody is signed in: turns are taken between these. */
  key: string;
  /** Once it is destroyed, nobody waits for the answer any more. */
  connection?: Readonly<{ destroyed: boolean }> | undefined;
}>;

type Working = Caller & { isServer: boolean; state: 'new' | 'started' | 'done' };

const working = new AsyncLocalStorage<Working>();

/** Attributes the database work of `work` to this caller until it settles; what still runs then is attributed to the server. */
export async function onBehalfOf<T>({ key, connection }: Caller, work: () => Promise<T>): Promise<T> {
  const mine: Working = { key, connection, isServer: false, state: 'new' };
  try {
    return await working.run(mine, work);
  } finally {
    mine.state = 'done';
  }
}

/** Attributes work for many callers at once, such as a batch, to the server instead of to the call that happened to start it. */
export const asServer = <T>(name: string, work: () => T): T =>
  working.run({ key: `server ${name}`, isServer: true, state: 'started' }, work);

export type TurnsOptions = Readonly<{
  /** How many may work at once. */
  places: number;
  /** How many calls may wait, for one caller and in all. */
  mostOfOne?: number;
  most?: number;
  /** Milliseconds after which a call that still waits is refused. */
  patienceMs?: number;
  /** The work runs in this thread, as that of an embedded database: input and output get their turn between two. */
  isBlocking?: boolean;
}>;

type Waiting = Readonly<{ since: number; by: Working | undefined; resolve: () => void; reject: (error: unknown) => void }>;

const UNATTRIBUTED = 'server';

/**
 * The fair queue in front of the database: first come, first served while there is a free place, else round-robin between callers, so
 * that one with many calls delays only its own. Bounded: calls beyond the limits are refused with `OVERLOADED`, and a call that has not
 * begun when its connection is gone never begins. The server's own work is never refused, and waits its turn like a caller's.
 */
export class Turns {
  readonly #mostOfOne: number;
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #isBlocking: boolean;
  readonly #lines = new FairLines<Waiting>();
  #free: number;
  #longestWaitMs = 0;

  constructor({ places, mostOfOne = 200, most = 5_000, patienceMs = 5_000, isBlocking = false }: TurnsOptions) {
    this.#free = places;
    this.#mostOfOne = mostOfOne;
    this.#most = most;
    this.#patienceMs = patienceMs;
    this.#isBlocking = isBlocking;
  }

  get waiting(): number {
    return this.#lines.size;
  }

  /** Undefined when there is a place at once. Every `enter` that did not fail is followed by one `leave`. */
  enter(): Promise<void> | undefined {
    const store = working.getStore();
    const by = store === undefined || store.state === 'done' ? undefined : store;
    if (this.#free > 0) {
      this.#free -= 1;
      if (by !== undefined) by.state = 'started';
      return undefined;
    }
    const key = by?.key ?? UNATTRIBUTED;
    if (
      by?.isServer === false &&
      (this.#lines.lengthOf(key) >= this.#mostOfOne || (this.#lines.size >= this.#most && !this.#makeRoom(key)))
    )
      return Promise.reject(errors.OVERLOADED());
    return new Promise((resolve, reject) => this.#lines.add(key, { since: performance.now(), by, resolve, reject }));
  }

  /** How long a caller waited at most for its turn, since this was last asked. */
  takeLongestWaitMs(): number {
    const longest = this.#longestWaitMs;
    this.#longestWaitMs = 0;
    return longest;
  }

  leave(): void {
    // From one promise to the next the loop would not be reached before all is done that waits.
    if (this.#isBlocking && this.#lines.size > 0) setImmediate(() => this.#handOn());
    else this.#handOn();
  }

  #handOn(): void {
    for (let next = this.#lines.next(); next !== undefined; next = this.#lines.next()) {
      const { by, since, resolve, reject } = next;
      if (by?.isServer !== false) return resolve();
      this.#longestWaitMs = Math.max(this.#longestWaitMs, performance.now() - since);
      if (by.state === 'new' && by.connection?.destroyed === true) reject(errors.SERVICE_UNAVAILABLE());
      else if (performance.now() - since > this.#patienceMs) reject(errors.OVERLOADED());
      else {
        by.state = 'started';
        return resolve();
      }
    }
    this.#free += 1;
  }

  /** Load shedding: the last call of the longest line is refused, so that no number of busy callers keeps others out. */
  #makeRoom(key: string): boolean {
    const last = this.#lines.giveWay(key, ({ by }) => by?.isServer === false);
    last?.reject(errors.OVERLOADED());
    return last !== undefined;
  }
}

/** `use` for those whose turn it is. */
export const inTurn =
  (turns: Turns, use: SessionPool['use']): SessionPool['use'] =>
  async (work) => {
    const turn = turns.enter();
    if (turn !== undefined) await turn;
    try {
      return await use(work);
    } finally {
      turns.leave();
    }
  };
