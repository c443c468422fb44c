import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Counts, Ledger, type Samples } from './ledger.ts';
import { openLoop } from './open-loop.ts';
import { RawClient } from './raw-client.ts';

/** One direct conversation: what its two clients say in the handshake, as JSON text. */
export interface Pair {
  conversationId: string;
  sender: string;
  peer: string;
}

export type Plan =
  /** So many messages in flight per conversation, the next as soon as one is acked and delivered. */
  | { kind: 'closed'; seconds: number; inFlight: number }
  /** So many messages per second, come what may; latency counts from when a message was meant to go. */
  | { kind: 'open'; seconds: number; rate: number };

export interface Phase {
  counts: Counts;
  seconds: number;
  samples: Samples;
  firstRefusal?: string | undefined;
}

const MOST_PER_SECOND = 150_000;
const DRAIN_MS = 10_000;
const CONTENT = 'This is a message of exactly one hundred bytes, which is about what people write to one another.'.padEnd(100, '.');
const NEEDLE = '"clientMessageId":"';
const NEW_MESSAGE = Buffer.from('42["message:new",');

/** All clients of one server: two per conversation, one that sends and one that receives. */
export class Fleet {
  readonly #pairs: readonly Pair[];
  readonly #numbered: boolean;
  readonly #senders: RawClient[] = [];
  readonly #peers: RawClient[] = [];
  readonly #lastSeq: number[];
  /** The start of this run's ids, so that no run answers for another one's messages; the number of the message is the end. */
  readonly #idPrefix = `${randomBytes(4).toString('hex')}-0000-4000-8000-`;
  #ledger = new Ledger(0, 0, false);
  #nextId = 0;
  #again: ((conversation: number, now: number) => void) | undefined;

  constructor(pairs: readonly Pair[], numbered: boolean) {
    this.#pairs = pairs;
    this.#numbered = numbered;
    this.#lastSeq = pairs.map(() => 0);
  }

  /** Those who send are spread over the nodes at `urls`, and those who receive over `peerUrls`, in the same order. */
  async connect(urls: readonly string[], peerUrls = urls): Promise<void> {
    const nodeOf = (nodes: readonly string[], conversation: number): string => nodes[conversation % nodes.length] ?? '';
    for (let at = 0; at < this.#pairs.length; at += 10) {
      const group = this.#pairs.slice(at, at + 10).map(async (pair, offset) => {
        const conversation = at + offset;
        // The peer first: a server is only ready for load once both are in the room.
        this.#peers[conversation] = await RawClient.connect(
          nodeOf(peerUrls, conversation),
          pair.peer,
          this.#listener((frame) => this.#received(frame, conversation)),
        );
        this.#senders[conversation] = await RawClient.connect(
          nodeOf(urls, conversation),
          pair.sender,
          this.#listener(() => {}),
        );
      });
      await Promise.all(group);
    }
  }

  async run(plan: Plan): Promise<Phase> {
    const perSecond = plan.kind === 'open' ? plan.rate : MOST_PER_SECOND;
    const ledger = new Ledger(this.#nextId, Math.ceil(plan.seconds * perSecond) + 1, this.#numbered);
    this.#ledger = ledger;
    const startedAt = performance.now();
    if (plan.kind === 'closed') await this.#closed(ledger, startedAt, plan);
    else await this.#open(ledger, plan);
    for (let waited = 0; ledger.open > 0 && waited < DRAIN_MS; waited += 5) await sleep(5);
    // What comes twice comes a little later.
    await sleep(20);
    this.#nextId = ledger.next;
    ledger.checkNumbers(this.#lastSeq);
    return {
      counts: ledger.counts,
      seconds: (ledger.finishedAt - startedAt) / 1000,
      samples: ledger.samples(),
      firstRefusal: ledger.firstRefusal,
    };
  }

  leave(): void {
    for (const client of [...this.#senders, ...this.#peers]) client.leave();
  }

  async #closed(ledger: Ledger, startedAt: number, plan: { seconds: number; inFlight: number }): Promise<void> {
    const end = startedAt + plan.seconds * 1000;
    this.#again = (conversation, now) => {
      if (now < end && !ledger.full) this.#send(ledger, conversation, now);
    };
    for (let round = 0; round < plan.inFlight; round += 1) {
      for (let conversation = 0; conversation < this.#pairs.length; conversation += 1) this.#again(conversation, performance.now());
    }
    await sleep(plan.seconds * 1000);
  }

  async #open(ledger: Ledger, plan: { seconds: number; rate: number }): Promise<void> {
    this.#again = undefined;
    let sent = 0;
    await openLoop(plan, (due) => {
      if (!ledger.full) this.#send(ledger, sent++ % this.#pairs.length, due);
    });
  }

  #send(ledger: Ledger, conversation: number, due: number): void {
    const pair = this.#pairs[conversation];
    const sender = this.#senders[conversation];
    if (!pair || !sender) throw new Error(`conversation ${conversation} is not connected`);
    const id = ledger.send(conversation, due);
    const clientMessageId = this.#idPrefix + String(id).padStart(12, '0');
    const input = `{"conversationId":"${pair.conversationId}","clientMessageId":"${clientMessageId}","content":"${CONTENT}"}`;
    sender.send(`42${id}["message:send",${input}]`);
  }

  #received(frame: Buffer, conversation: number): void {
    if (frame.compare(NEW_MESSAGE, 0, NEW_MESSAGE.length, 0, NEW_MESSAGE.length) !== 0) return;
    const at = frame.indexOf(NEEDLE) + NEEDLE.length;
    // Decimal digits are hexadecimal ones too: the last group of the uuid is the number of the message.
    const id = Number(frame.toString('latin1', at + 24, at + 36));
    const now = performance.now();
    this.#goOn(this.#ledger.delivered(id, conversation, now), now);
  }

  #goOn(completed: number | undefined, now: number): void {
    if (completed !== undefined) this.#again?.(completed, now);
  }

  #listener(event: (frame: Buffer) => void) {
    return {
      event,
      acked: (id: number, frame: Buffer) => {
        const now = performance.now();
        this.#goOn(this.#ledger.acked(id, frame, now), now);
      },
      closed: () => {
        this.#ledger.counts.closed += 1;
      },
    };
  }
}
