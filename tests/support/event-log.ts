import { type UntilOptions, withDeadline } from './until.ts';

// What a test reads out of an answer is checked by the expectation it stands in, not by the compiler.
// oxlint-disable-next-line typescript/no-explicit-any
export type Payload = any;

export type ReceivedEvent = Readonly<{ name: string; payload: Payload }>;

/** Everything a client received, in order, with a way to wait for what is still to come. */
export class EventLog {
  readonly all: ReceivedEvent[] = [];
  readonly #taken = new Set<ReceivedEvent>();
  readonly #wake = new Set<() => void>();

  record(name: string, payload: Payload): void {
    // Events are made once for all who get them; a signed URL is for one.
    if (JSON.stringify(payload ?? null).includes('urlExpiresAt')) throw new Error(`${name} carries a signed URL`);
    this.all.push({ name, payload });
    // A client that asked for batches is tested for what it was told, not for how it was wrapped.
    if (name === 'batch') for (const [inner, innerPayload] of payload) this.all.push({ name: inner, payload: innerPayload });
    for (const wake of this.#wake) wake();
  }

  /** Payloads of all events of this name so far, taken by `next` or not. */
  of(name: string): Payload[] {
    return this.all.filter((event) => event.name === name).map((event) => event.payload);
  }

  /**
   * The earliest event of this name that fits and was not given out before, now or when it comes. Each event is given
   * out once, so calling it twice waits for two; events of other names stay for later.
   */
  async next(
    name: string,
    predicate: (payload: Payload) => boolean = () => true,
    { timeoutMs = 10_000 }: Partial<UntilOptions> = {},
  ): Promise<Payload> {
    const take = () => {
      const found = this.all.find((event) => event.name === name && !this.#taken.has(event) && predicate(event.payload));
      if (found) this.#taken.add(found);
      return found;
    };
    const present = take();
    if (present) return present.payload;
    const { promise, resolve, reject } = Promise.withResolvers<Payload>();
    const look = () => {
      try {
        const found = take();
        if (!found) return;
        this.#wake.delete(look);
        resolve(found.payload);
      } catch (error) {
        this.#wake.delete(look);
        reject(error);
      }
    };
    this.#wake.add(look);
    try {
      return await withDeadline(promise, { timeoutMs, what: `the event ${name}` });
    } catch (error) {
      const received = this.all.map((event) => event.name).join(', ') || 'nothing';
      throw new Error(`${error instanceof Error ? error.message : String(error)}; received: ${received}`, { cause: error });
    } finally {
      this.#wake.delete(look);
    }
  }
}
