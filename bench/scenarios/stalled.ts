import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { providePostgres } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { calm, connectAll } from '../load/crowd.ts';
import { openLoop } from '../load/open-loop.ts';
import { type Listener, RawClient } from '../load/raw-client.ts';
import { percentile } from '@coucou/server/load/percentile';
import { type Spread, spread } from '../measure.ts';
import { createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openGroup, openGroups, type Member, startServer } from '../servers/product.ts';
import type { ServerProcess } from '../servers/start.ts';

/**
 * S14: twenty of a thousand readers stop reading. Messages come into the group of all at a fixed rate, and long ones into a second conversation
 * of those twenty and the sender, so that what waits for them outgrows the kernel's buffers within a turn. The delivery times of the others with them stalled ÷ with
 * them reading, A B B A; apart from that, what the server holds for each stalled reader.
 */
export type StalledOptions = Readonly<{
  rounds: number;
  readers: number;
  stalled: number;
  seconds: number;
  /** Messages per second into the group of all. */
  rate: number;
  smoke: boolean;
  log(line: string): void;
}>;

/** Of the readers that do not stall, in ms from when a message was due. */
export type Latency = Readonly<{ p50: number; p99: number }>;
export type StalledRound = Readonly<{ reading: Latency; stalling: Latency; closed: number }>;
export type StalledReport = Kept<StalledRound> &
  Readonly<{
    postgres: string;
    readers: number;
    stalled: number;
    /** Stalled ÷ reading. */
    p99: Spread;
    /** The most that the server held more than before, after a collection, for each stalled reader; and how many of them it closed meanwhile. */
    memory: Readonly<{ mebibytes: number; closed: number }>;
    faults: string[];
  }>;

/** Long messages per second, of so many bytes on the wire: more than a MiB per second and reader. */
const LONG_RATE = 60;
const LONG = '\u{1f40c}'.repeat(5_000);
const SAMPLE_MS = 250;
/** As DELIVERY promises: `MAX_OUTGOING_BUFFER`, and what the frame that overflows it adds. */
const MOST_MEBIBYTES = 1.25;
const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };
const NEEDLE = '"clientMessageId":"';
const DRAIN_MS = 10_000;

export async function stalled(options: StalledOptions): Promise<StalledReport> {
  const postgres = await providePostgres();
  let server: ServerProcess | undefined;
  const awake = setInterval(() => {}, 1000);
  try {
    const url = await createDatabase(postgres.url, 'stalled');
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password };
    server = await startServer(url, ['--expose-gc'], { settings });
    options.log(`making ${options.readers} people`);
    const [group] = await openGroups(server.url, OWNER, { groups: 1, size: options.readers, conversations: 1 });
    const members = group?.members ?? [];
    const slow = await openGroup(server.url, 0, [...members.slice(0, options.stalled), ...members.slice(-1)]);
    const readers = await Readers.connect(server, members, options.stalled);
    const measured = await measure(readers, { all: group?.conversationIds[0] ?? '', slow }, options);
    return {
      ...measured,
      readers: options.readers,
      stalled: options.stalled,
      postgres: `PostgreSQL ${postgres.version} (${postgres.source})`,
    };
  } finally {
    await server?.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['stalled']);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Conversations = Readonly<{ all: string; slow: string }>;

/** The members of the group: the first `stalling` of them stop reading on request, the last one sends. */
class Readers {
  readonly server: ServerProcess;
  readonly #members: readonly Member[];
  readonly #stalling: number;
  #clients: RawClient[] = [];
  readonly #prefix = `${randomBytes(4).toString('hex')}-0000-4000-8000-`;
  #due: number[] = [];
  #base = 0;
  #samples: number[] = [];
  closed = 0;
  closedOthers = 0;

  private constructor(server: ServerProcess, members: readonly Member[], stalling: number) {
    this.server = server;
    this.#members = members;
    this.#stalling = stalling;
  }

  static async connect(server: ServerProcess, members: readonly Member[], stalling: number): Promise<Readers> {
    const readers = new Readers(server, members, stalling);
    const auths = members.map(({ auth }) => auth);
    readers.#clients = await connectAll(server.url, auths, (at) => readers.#listenerOf(at));
    return readers;
  }

  stall(): void {
    for (const client of this.#clients.slice(0, this.#stalling)) client.stall();
  }

  /** Reads what was left, and connects again where the server has closed. Answers how many that were. */
  async recover(): Promise<number> {
    const before = this.closed;
    for (const client of this.#clients.slice(0, this.#stalling)) client.resume();
    await sleep(1_000);
    const closed = this.closed - before;
    for (let at = 0; at < this.#stalling; at += 1) {
      this.#clients[at]?.cut();
      this.#clients[at] = await RawClient.connect(this.server.url, this.#members[at]?.auth ?? '', this.#listenerOf(at));
    }
    await calm([this.server]);
    return closed;
  }

  sendLong(conversationId: string): void {
    const input = JSON.stringify({ conversationId, clientMessageId: randomUUID(), content: LONG });
    this.#clients.at(-1)?.send(`420["message:send",${input}]`);
  }

  /** Sends at the rate; answers the delivery times at those who do not stall, once everything has come. */
  async measure({ all, slow }: Conversations, { seconds, rate }: Pick<StalledOptions, 'seconds' | 'rate'>): Promise<readonly number[]> {
    this.#base += this.#due.length;
    this.#due = [];
    this.#samples = [];
    const sender = this.#clients.at(-1);
    let sent = 0;
    await openLoop({ seconds, rate: rate + LONG_RATE }, (due) => {
      sent += 1;
      // Both kinds evenly among each other.
      if (Math.floor((sent * rate) / (rate + LONG_RATE)) === this.#due.length) return this.sendLong(slow);
      const clientMessageId = this.#prefix + String(this.#base + this.#due.length).padStart(12, '0');
      this.#due.push(due);
      sender?.send(`420["message:send",${JSON.stringify({ conversationId: all, clientMessageId, content: 'x'.repeat(100) })}]`);
    });
    const expected = this.#due.length * (this.#members.length - this.#stalling);
    for (let waited = 0; this.#samples.length < expected && waited < DRAIN_MS; waited += 10) await sleep(10);
    return this.#samples;
  }

  get missing(): number {
    return this.#due.length * (this.#members.length - this.#stalling) - this.#samples.length;
  }

  #listenerOf(at: number): Listener {
    const stalls = at < this.#stalling;
    return {
      acked() {},
      event: stalls ? () => {} : (frame) => this.#received(frame),
      closed: () => {
        if (stalls) this.closed += 1;
        else this.closedOthers += 1;
      },
    };
  }

  #received(frame: Buffer): void {
    const found = frame.indexOf(NEEDLE);
    if (found === -1) return;
    const id = Number(frame.toString('latin1', found + NEEDLE.length + 24, found + NEEDLE.length + 36));
    const due = this.#due[id - this.#base];
    if (due !== undefined) this.#samples.push(performance.now() - due);
  }
}

async function measure(readers: Readers, conversations: Conversations, options: StalledOptions) {
  const { rounds: count, smoke, log } = options;
  const faults: string[] = [];
  const turn = async (stalls: boolean) => {
    if (stalls) readers.stall();
    const samples = await readers.measure(conversations, options);
    if (readers.missing > 0) faults.push(`${readers.missing} messages never came to those who read`);
    return { stalls, samples, closed: await readers.recover() };
  };
  await turn(false);
  const memory = await memoryOf(readers, conversations, options);
  if (memory.mebibytes > MOST_MEBIBYTES) faults.push(`${memory.mebibytes.toFixed(2)} MiB for each stalled reader`);
  const kept = await calmRounds(smoke ? 1 : count, log, async () => {
    const turns: Awaited<ReturnType<typeof turn>>[] = [];
    for (const stalls of smoke ? [false, true] : [false, true, true, false]) turns.push(await turn(stalls));
    const of = (stalls: boolean): Latency => latencyOf(turns.flatMap((each) => (each.stalls === stalls ? each.samples : [])));
    const closed = turns.reduce((sum, each) => sum + (each.stalls ? each.closed : 0), 0);
    const round = { reading: of(false), stalling: of(true), closed };
    const summary = `p99 ${round.reading.p99.toFixed(1)} ms, stalled ${round.stalling.p99.toFixed(1)} ms, ${closed} closed`;
    return { round, limits: turns.flatMap((each) => (each.stalls ? [] : [latencyOf(each.samples).p50])), summary };
  });
  if (readers.closedOthers > 0) faults.push(`${readers.closedOthers} connections of those who read were closed`);
  return { ...kept, p99: spread(kept.rounds.map(({ reading, stalling }) => stalling.p99 / reading.p99)), memory, faults };
}

function latencyOf(all: readonly number[]): Latency {
  const samples = Float64Array.from(all);
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) };
}

/** Long messages alone, until every stalled reader was closed or the time is over. */
async function memoryOf(readers: Readers, { slow }: Conversations, { stalled: stalling, seconds }: StalledOptions) {
  const { server } = readers;
  const held = async () => {
    const { heapUsed, external } = await server.ask<NodeJS.MemoryUsage>('memory');
    return heapUsed + external;
  };
  const before = await held();
  readers.stall();
  let most = before;
  const until = performance.now() + 2 * seconds * 1000;
  while (performance.now() < until) {
    for (let sent = 0; sent < (LONG_RATE * SAMPLE_MS) / 1000; sent += 1) readers.sendLong(slow);
    await sleep(SAMPLE_MS);
    most = Math.max(most, await held());
  }
  return { mebibytes: (most - before) / stalling / 2 ** 20, closed: await readers.recover() };
}
