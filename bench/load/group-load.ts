import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../servers/product.ts';
import { connectAll } from './crowd.ts';
import { openLoop } from './open-loop.ts';
import type { RawClient } from './raw-client.ts';

const DRAIN_MS = 10_000;

/** Members who send, mark what they read and look at pages. */
export class GroupLoad {
  #clients: RawClient[] = [];
  readonly #group: string;
  readonly #url: string;
  readonly #members: readonly Member[];
  readonly #due = new Map<number, number>();
  #samples: number[] = [];
  #next = 0;

  private constructor(url: string, members: readonly Member[], group: string) {
    this.#url = url.replace(/\/$/, '');
    this.#members = members;
    this.#group = group;
  }

  static async connect(url: string, members: readonly Member[], group: string, trimmedTo: (firstSeq: number) => void): Promise<GroupLoad> {
    const load = new GroupLoad(url, members, group);
    load.#clients = await connectAll(
      url,
      members.map(({ auth }) => auth),
      (at) => ({
        acked: (id) => load.#acked(id),
        event: (frame) => {
          if (at !== 0 || !frame.includes('"conversation:updated"')) return;
          const [, seq] = /"firstSeq":(\d+)/.exec(frame.toString()) ?? [];
          trimmedTo(Number(seq ?? 1));
        },
        closed: () => {},
      }),
    );
    return load;
  }

  get missing(): number {
    return this.#due.size;
  }

  close(): void {
    for (const client of this.#clients) client.cut();
  }

  #acked(id: number): void {
    const due = this.#due.get(id);
    if (due === undefined) return;
    this.#due.delete(id);
    this.#samples.push(performance.now() - due);
  }

  async run({ seconds, rate }: Readonly<{ seconds: number; rate: number }>): Promise<readonly number[]> {
    this.#samples = [];
    this.#due.clear();
    const reads: Promise<unknown>[] = [];
    await openLoop({ seconds, rate }, (due) => {
      const id = this.#next++;
      const who = id % this.#clients.length;
      this.#due.set(id, due);
      const input = { conversationId: this.#group, clientMessageId: randomUUID(), content: 'x'.repeat(100) };
      this.#clients[who]?.send(`42${id}["message:send",${JSON.stringify(input)}]`);
      const reader = (who + 7) % this.#clients.length;
      // Somewhere in what is kept, and in what is not.
      const seq = 1 + Math.floor(Math.random() * 1_000_000);
      this.#clients[reader]?.send(`42["message:ack",${JSON.stringify({ items: [{ conversationId: this.#group, readSeq: seq }] })}]`);
      if (id % 5 === 0) reads.push(this.#page(reader, seq));
    });
    for (let waited = 0; this.#due.size > 0 && waited < DRAIN_MS; waited += 10) await sleep(10);
    await Promise.all(reads);
    return this.#samples;
  }

  async #page(reader: number, seq: number): Promise<void> {
    const path = `/api/v1/conversations/${this.#group}/messages?limit=50&around=${seq}`;
    const response = await fetch(this.#url + path, { headers: { authorization: `Bearer ${this.#members[reader]?.token}` } });
    await response.arrayBuffer();
    if (response.status >= 500) throw new Error(`a page was answered ${response.status}`);
  }
}
