import type { Socket } from 'node:net';
import type { Counter } from '@coucou/application/ports/metrics';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';

export type AdmissionLimits = Readonly<{
  /** Handshakes that are let in at one turn of the event loop. */
  perTurn: number;
  /** Sockets that are signed in and put into their rooms at once. */
  mostBusy: number;
  /** Handshakes that wait, and how long the last of them may have to. */
  mostWaiting: number;
  patienceMs: number;
}>;

export type AdmissionOptions = Partial<AdmissionLimits> &
  Readonly<{
    /** Counts handshakes that were one too many. */
    refused: Counter;
    /** Milliseconds of a clock that is never set. */
    now?: () => number;
    /** At the next turn of the event loop. */
    nextTurn?: (work: () => void) => void;
    random?: () => number;
  }>;

/** Decides on one handshake: lets it in, or says why not. */
type Decide = (refused?: ChatError) => void;
type Waiting = Readonly<{ connection: Socket; decide: Decide }>;

const LIMITS: AdmissionLimits = { perTurn: 4, mostBusy: 32, mostWaiting: 4_000, patienceMs: 5_000 };
/** Those who are refused at once come back over so many seconds. */
const SPREAD_SECONDS = 4;
/** How much one turn counts in the pace that is expected of the next. */
const WEIGHT = 0.2;

const ignore = (): void => {};

/**
 * Paces handshakes by the event loop: each of its turns lets in a few, so that calls and events of the connected are served between them,
 * and the more the loop lags the fewer come in. Who would have to wait too long by the pace of the last turns is refused at once.
 * Nothing is measured, and nothing waits, while handshakes come no faster than that.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #refused: Counter;
  readonly #now: () => number;
  readonly #nextTurn: (work: () => void) => void;
  readonly #random: () => number;
  readonly #waiting: Waiting[] = [];
  /** Let in at this turn. */
  #admitted = 0;
  #busy = 0;
  /** When somebody was last let in, or the first began to wait. */
  #movedAt = 0;
  /** Milliseconds of the event loop per handshake, by the last turns. */
  #paceMs = 0;
  #isScheduled = false;
  #isOpen = true;

  constructor({ refused, now, nextTurn, random, ...limits }: AdmissionOptions) {
    this.#limits = { ...LIMITS, ...limits };
    this.#refused = refused;
    this.#now = now ?? (() => performance.now());
    this.#nextTurn = nextTurn ?? setImmediate;
    this.#random = random ?? Math.random;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Decides at once where nobody waits, else when the turn of this handshake has come. */
  take(connection: Socket, decide: Decide): void {
    if (!this.#isOpen) return decide(this.#closed());
    if (this.#waiting.length === 0 && this.#hasPlace) {
      this.#admitted += 1;
      this.#schedule();
      return decide();
    }
    const waitMs = this.#expectedWaitMs;
    if (this.#waiting.length >= this.#limits.mostWaiting || waitMs > this.#limits.patienceMs) {
      this.#refused.add();
      return decide(errors.OVERLOADED({ reason: 'handshakes', retryAfterSeconds: this.#spread(Math.ceil(waitMs / 1_000)) }));
    }
    // Nobody else listens to a connection that wants to become a WebSocket.
    connection.on('error', ignore);
    this.#schedule();
    this.#waiting.push({ connection, decide });
  }

  /** Counts what is done to sign a socket in: handshakes wait for that, but never for a client. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }

  /** The server is closing: who waits may try elsewhere. */
  shut(): void {
    this.#isOpen = false;
    for (const one of this.#waiting.splice(0)) answer(one, this.#closed());
  }

  get #hasPlace(): boolean {
    return this.#admitted < this.#limits.perTurn && this.#busy < this.#limits.mostBusy;
  }

  /** Of one more that waits. */
  get #expectedWaitMs(): number {
    const { length } = this.#waiting;
    return length === 0 ? 0 : Math.max(length * this.#paceMs, this.#now() - this.#movedAt);
  }

  #spread(least: number): number {
    return Math.max(1, least) + Math.floor(this.#random() * SPREAD_SECONDS);
  }

  #closed(): ChatError {
    return errors.SERVICE_UNAVAILABLE({ retryAfterSeconds: this.#spread(1) });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#waiting.length === 0) this.#movedAt = this.#now();
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#admitted = 0;
    while (this.#hasPlace) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      // It has given up, and takes nobody's place.
      if (next.connection.destroyed) answer(next, this.#closed());
      else {
        this.#admitted += 1;
        answer(next);
      }
    }
    const isEmpty = this.#waiting.length === 0;
    // Else it goes on when a socket has been signed in.
    if (this.#admitted === 0 && !isEmpty) return;
    const now = this.#now();
    this.#paceMs += WEIGHT * ((now - this.#movedAt) / (isEmpty ? this.#limits.perTurn : this.#admitted) - this.#paceMs);
    this.#movedAt = now;
    if (this.#admitted > 0) this.#schedule();
  }
}

function answer({ connection, decide }: Waiting, refused?: ChatError): void {
  connection.off('error', ignore);
  decide(refused);
}
