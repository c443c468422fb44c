import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from './fleet.ts';
import { RawClient } from './raw-client.ts';

const NEW_MESSAGE = Buffer.from('42["message:new",');
const HEADS = Buffer.from('42["heads",');
const startsWith = (frame: Buffer, start: Buffer): boolean => frame.subarray(0, start.length).equals(start);
const payloadOf = (frame: Buffer) =>
  (
    JSON.parse(frame.toString('utf8', 2)) as [
      string,
      { version?: number; conversations?: [id: string, version: number, receipts: number][] },
    ]
  )[1];

/** Recipients connected to a second node: tracks the newest conversation version that each of them received. */
export class Observers {
  readonly #pairs: readonly Pair[];
  readonly #newest: (Buffer | undefined)[];
  readonly #heads: number[];
  #clients: RawClient[] = [];
  closed = 0;

  private constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
    this.#newest = pairs.map(() => undefined);
    this.#heads = pairs.map(() => 0);
  }

  static async connect(url: string, pairs: readonly Pair[]): Promise<Observers> {
    const observers = new Observers(pairs);
    for (const [at, { peer }] of pairs.entries())
      observers.#clients.push(
        await RawClient.connect(url, peer, {
          acked() {},
          event: (frame) => observers.#heard(at, frame),
          closed: () => {
            observers.closed += 1;
          },
        }),
      );
    return observers;
  }

  /** Waits until everybody has heard of these versions, or `mostMs` are over; answers how many have not. */
  async caughtUp(versions: ReadonlyMap<string, number>, mostMs: number): Promise<number> {
    const behind = () => this.#pairs.filter(({ conversationId }, at) => this.#versionAt(at) < (versions.get(conversationId) ?? 0)).length;
    for (const until = performance.now() + mostMs; behind() > 0 && performance.now() < until; ) await sleep(5);
    return behind();
  }

  leave(): void {
    for (const client of this.#clients) client.leave();
  }

  /** Parsed when it is asked for: most events are followed by a newer one of the same conversation. */
  #versionAt(at: number): number {
    const frame = this.#newest[at];
    this.#newest[at] = undefined;
    const heard = Math.max(this.#heads[at] ?? 0, frame === undefined ? 0 : (payloadOf(frame).version ?? 0));
    this.#heads[at] = heard;
    return heard;
  }

  #heard(at: number, frame: Buffer): void {
    if (startsWith(frame, NEW_MESSAGE)) this.#newest[at] = frame;
    else if (startsWith(frame, HEADS))
      for (const [id, version] of payloadOf(frame).conversations ?? [])
        if (id === this.#pairs[at]?.conversationId) this.#heads[at] = Math.max(this.#heads[at] ?? 0, version);
  }
}
