/** What became of every message of one phase. Typed arrays, so that keeping the books costs the generator next to nothing. */
export interface Counts {
  sent: number;
  acked: number;
  delivered: number;
  refused: number;
  ackedTwice: number;
  deliveredTwice: number;
  deliveredElsewhere: number;
  /** Acks or deliveries of messages that an earlier phase sent. */
  late: number;
  /** Conversations whose `seq` were not the next n; only where the server numbers. */
  gaps: number;
  closed: number;
}

export const nothing = (): Counts => ({
  sent: 0,
  acked: 0,
  delivered: 0,
  refused: 0,
  ackedTwice: 0,
  deliveredTwice: 0,
  deliveredElsewhere: 0,
  late: 0,
  gaps: 0,
  closed: 0,
});

export interface Samples {
  ack: Float64Array;
  delivery: Float64Array;
  /** The later of the two: the unit of work is acked and delivered. */
  both: Float64Array;
}

export class Ledger {
  /** Message numbers go on from phase to phase, so that a straggler is recognised. */
  readonly #base: number;
  readonly #capacity: number;
  readonly #conversation: Uint16Array;
  readonly #due: Float64Array;
  readonly #ackedAt: Float64Array;
  readonly #deliveredAt: Float64Array;
  readonly #seq: Float64Array;
  readonly #numbered: boolean;
  #next: number;
  #open = 0;
  finishedAt = 0;
  firstRefusal: string | undefined;
  readonly counts = nothing();

  constructor(base: number, capacity: number, numbered: boolean) {
    this.#base = base;
    this.#next = base;
    this.#capacity = capacity;
    this.#conversation = new Uint16Array(capacity);
    this.#due = new Float64Array(capacity);
    this.#ackedAt = new Float64Array(capacity);
    this.#deliveredAt = new Float64Array(capacity);
    this.#seq = new Float64Array(numbered ? capacity : 0);
    this.#numbered = numbered;
  }

  get next(): number {
    return this.#next;
  }

  get full(): boolean {
    return this.#next - this.#base >= this.#capacity;
  }

  /** Messages that are not both acked and delivered yet. */
  get open(): number {
    return this.#open;
  }

  send(conversation: number, due: number): number {
    const id = this.#next++;
    const slot = id - this.#base;
    this.#conversation[slot] = conversation;
    this.#due[slot] = due;
    this.counts.sent += 1;
    this.#open += 1;
    return id;
  }

  /** Answers the conversation when this completed the message. */
  acked(id: number, frame: Buffer, now: number): number | undefined {
    const slot = id - this.#base;
    if (!this.#known(slot)) return undefined;
    if (this.#ackedAt[slot] !== 0) {
      this.counts.ackedTwice += 1;
      return undefined;
    }
    this.#ackedAt[slot] = now;
    if (frame.indexOf('"ok":true') === -1) {
      this.counts.refused += 1;
      this.firstRefusal ??= frame.toString();
      return undefined;
    }
    this.counts.acked += 1;
    if (this.#numbered) this.#seq[slot] = seqOf(frame);
    return this.#deliveredAt[slot] === 0 ? undefined : this.#completed(slot, now);
  }

  /** Answers the conversation when this completed the message. */
  delivered(id: number, conversation: number, now: number): number | undefined {
    const slot = id - this.#base;
    if (!this.#known(slot)) return undefined;
    if (this.#conversation[slot] !== conversation) {
      this.counts.deliveredElsewhere += 1;
      return undefined;
    }
    if (this.#deliveredAt[slot] !== 0) {
      this.counts.deliveredTwice += 1;
      return undefined;
    }
    this.#deliveredAt[slot] = now;
    this.counts.delivered += 1;
    return this.#ackedAt[slot] === 0 ? undefined : this.#completed(slot, now);
  }

  samples(): Samples {
    const ack: number[] = [];
    const delivery: number[] = [];
    const both: number[] = [];
    for (let slot = 0; slot < this.counts.sent; slot += 1) {
      const due = this.#due[slot] ?? 0;
      const acked = this.#ackedAt[slot] ?? 0;
      const delivered = this.#deliveredAt[slot] ?? 0;
      if (acked !== 0) ack.push(acked - due);
      if (delivered !== 0) delivery.push(delivered - due);
      if (acked !== 0 && delivered !== 0) both.push(Math.max(acked, delivered) - due);
    }
    return { ack: Float64Array.from(ack), delivery: Float64Array.from(delivery), both: Float64Array.from(both) };
  }

  /** Every conversation must have taken exactly the numbers after its last one; `last` is moved on. */
  checkNumbers(last: number[]): void {
    if (!this.#numbered) return;
    const taken = last.map((): number[] => []);
    for (let slot = 0; slot < this.counts.sent; slot += 1) {
      if (this.#ackedAt[slot] !== 0) taken[this.#conversation[slot] ?? 0]?.push(this.#seq[slot] ?? 0);
    }
    for (const [conversation, numbers] of taken.entries()) {
      numbers.sort((a, b) => a - b);
      const before = last[conversation] ?? 0;
      if (numbers.some((seq, at) => seq !== before + at + 1)) this.counts.gaps += 1;
      last[conversation] = numbers.at(-1) ?? before;
    }
  }

  #known(slot: number): boolean {
    if (slot >= 0 && slot < this.#next - this.#base) return true;
    this.counts.late += 1;
    return false;
  }

  #completed(slot: number, now: number): number | undefined {
    this.#open -= 1;
    this.finishedAt = now;
    return this.#conversation[slot];
  }
}

function seqOf(frame: Buffer): number {
  const at = frame.indexOf('"seq":');
  return at === -1 ? 0 : Number.parseInt(frame.toString('latin1', at + 6, at + 22), 10);
}
