import { setTimeout as pause } from 'node:timers/promises';
import type { AppendRequest } from '@coucou/application/ports/message-log';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import { createOutbox } from '@coucou/runtime/outbox';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';
import pg from 'pg';
import { providePostgres } from '../../tests/support/services.ts';
import { type Spread, postgresCpu, spread } from '../measure.ts';
import { administer, dropDatabases } from '../servers/contestants.ts';
import { seedDatabase } from '../servers/seeded.ts';
import { productSubscribers, traffic } from './outbox.ts';

/**
 * S23: one session idle in a transaction, which keeps every dead row of its database from being removed, against a database without one. Both
 * take the same work in turns, A B B A: messages, and their effects behind them. The horizon is that of a database, so the two stand in
 * one cluster.
 */
export type HorizonOptions = Readonly<{
  /** For how long the session idles. */
  seconds: number;
  /** Of each turn. */
  messages: number;
  conversations: number;
  smoke: boolean;
  log(line: string): void;
}>;

type Turn = Readonly<{ messages: number; sendMs: number; outboxMs: number; node: number; postgres: number; pages: Pages }>;
/** With the session ÷ without, of one round. */
export type HorizonRound = Readonly<{ minute: number; sends: number; outbox: number; node: number; postgres: number; pages: number }>;
export type HorizonReport = Readonly<{
  postgres: string;
  rounds: readonly HorizonRound[];
  calm: Readonly<{ sends: Spread; outbox: Spread; node: Spread; postgres: Spread; pages: Spread }>;
  sends: Spread;
  outbox: Spread;
  /** Of the last fifth of the time: what has piled up is the most then. */
  late: Readonly<{ sends: Spread; outbox: Spread }>;
  faults: string[];
}>;

/** Requests under way at once. */
const IN_FLIGHT = 200;

type Contestant = Readonly<{
  name: 'calm' | 'pinned';
  url: string;
  storage: Storage;
  requests: () => AppendRequest;
  runner: ReturnType<typeof createOutbox>;
  done: { effects: number; failures: unknown[] };
  close: () => Promise<void>;
}>;

export async function horizon(options: HorizonOptions): Promise<HorizonReport> {
  const postgres = await providePostgres();
  const contestants: Contestant[] = [];
  const awake = setInterval(() => {}, 1000);
  let idle: pg.Client | undefined;
  try {
    for (const name of ['calm', 'pinned'] as const) contestants.push(await open(postgres.url, name, options));
    const [calm, pinned] = contestants as [Contestant, Contestant];
    const cpu = await postgresCpu(postgres.url);
    if (cpu === undefined) throw new Error('PostgreSQL runs elsewhere: what it costs cannot be measured');
    for (const each of contestants) await turn(each, cpu, options);
    for (const { url } of contestants) await administer(url, 'vacuum analyze');
    idle = new pg.Client({ connectionString: pinned.url });
    await idle.connect();
    await idle.query('set idle_in_transaction_session_timeout = 0');
    await idle.query('begin isolation level repeatable read');
    // A snapshot and a transaction of its own: neither rows that die nor transactions that end go out of its sight.
    await idle.query('select pg_current_xact_id()');
    const measured = await measure([calm, pinned], cpu, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    await idle?.end();
    for (const { close } of contestants) await close();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['calm', 'pinned']);
    await postgres.stop();
    clearInterval(awake);
  }
}

async function open(databaseUrl: string, name: Contestant['name'], { conversations }: HorizonOptions): Promise<Contestant> {
  const url = await seedDatabase({ databaseUrl, size: 10, purpose: name });
  await administer(url, 'delete from outbox');
  const catalogue = catalogueOf(features);
  const storage = await openStorage({
    database: { url },
    live: { publish: () => {} },
    events: { ...catalogue.events, isDurable: () => true },
    parts: catalogue.storage,
  });
  const done = { effects: 0, failures: [] as unknown[] };
  const subscribers = productSubscribers(storage).map(({ subscriber, ports }, at) => ({
    ...subscriber,
    async run(events: readonly DurableEvent[]) {
      await subscriber.run(ports as never, events);
      if (at > 0) return;
      for (const { messageIds } of events as readonly (DurableEvent & { messageIds: string[] })[]) done.effects += messageIds.length;
    },
  }));
  // One for the whole run, as a server has it: a worker remembers where it has looked.
  const runner = createOutbox({
    store: storage.outbox,
    subscribers,
    waitedMs: storage.takeLongestWaitMs,
    metrics: noMetrics,
    log: { warn: (details) => void done.failures.push(details), error: () => {} },
  });
  runner.start();
  const close = async () => {
    await runner.stop();
    await storage.close();
  };
  return { name, url, storage, requests: await traffic(storage, conversations), runner, done, close };
}

/** Pages looked at, by table and by index, of what a message's way changes in place: what never moves cannot grow. */
const PAGES = `select relname as name, heap_blks_hit + heap_blks_read as pages from pg_statio_user_tables where relname = any($1)
  union all
  select indexrelname, idx_blks_hit + idx_blks_read from pg_statio_user_indexes where relname = any($1)`;
const UPDATED = ['conversation', 'conversation_head', 'member', 'outbox', 'outbox_worker'];

type Pages = ReadonlyMap<string, number>;

async function pagesOf(url: string): Promise<Pages> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string; pages: string }>(PAGES, [UPDATED]);
  await client.end();
  return new Map(rows.map(({ name, pages }) => [name, Number(pages)]));
}

const perMessage = (before: Pages, after: Pages, messages: number): Pages =>
  new Map([...after].map(([name, pages]) => [name, (pages - (before.get(name) ?? 0)) / messages]));

/** Messages as fast as they are acked, with the effects of those before behind them as in a server; until the last has had its effect. */
async function turn({ storage, url, requests, runner, done }: Contestant, cpu: () => number, { messages }: HorizonOptions): Promise<Turn> {
  const pagesBefore = await pagesOf(url);
  const wanted = done.effects + messages;
  const [before, postgresBefore] = [process.cpuUsage(), cpu()];
  const begun = performance.now();
  let left = messages;
  const send = async () => {
    while (left-- > 0) {
      await storage.messageLog.append(requests());
      runner.wake(['message.posted']);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  const sendMs = performance.now() - begun;
  while (done.effects < wanted && performance.now() - begun < 300_000) await pause(1);
  const outboxMs = performance.now() - begun;
  await runner.settled();
  const { user, system } = process.cpuUsage(before);
  const postgres = cpu() - postgresBefore;
  if (done.effects !== wanted || done.failures.length > 0)
    throw new Error(`${wanted - done.effects} of ${messages} messages had no effect ${JSON.stringify(done.failures)}`);
  const pages = perMessage(pagesBefore, await pagesOf(url), messages);
  return { messages, sendMs, outboxMs, node: (user + system) / messages, postgres: postgres / messages, pages };
}

const allPages = ({ pages }: Turn) => [...pages.values()].reduce((total, each) => total + each, 0);

/** The three tables and indexes that cost the session's database most pages more: where to look when a rate falls. */
function mostGrown(without: readonly Turn[], withIt: readonly Turn[]): string {
  const mean = (turns: readonly Turn[], name: string) =>
    turns.reduce((total, { pages }) => total + (pages.get(name) ?? 0), 0) / turns.length;
  return [...(withIt[0]?.pages.keys() ?? [])]
    .map((name) => ({ name, calm: mean(without, name), pinned: mean(withIt, name) }))
    .toSorted((one, other) => other.pinned - other.calm - (one.pinned - one.calm))
    .slice(0, 3)
    .map(({ name, calm, pinned }) => `; ${name} ${calm.toFixed(1)} → ${pinned.toFixed(1)}`)
    .join('');
}

async function measure([calm, pinned]: readonly [Contestant, Contestant], cpu: () => number, options: HorizonOptions) {
  const { seconds, smoke, log } = options;
  const lastsMs = smoke ? 0 : seconds * 1000;
  const begun = performance.now();
  const rounds: HorizonRound[] = [];
  const own: Turn[] = [];
  const sum = (of: (each: Turn) => number, turns: readonly Turn[]) => turns.reduce((total, each) => total + of(each), 0);
  do {
    const turns = new Map<Contestant, Turn[]>([
      [calm, []],
      [pinned, []],
    ]);
    for (const each of [calm, pinned, pinned, calm]) turns.get(each)?.push(await turn(each, cpu, options));
    const [without, withIt] = [turns.get(calm) ?? [], turns.get(pinned) ?? []];
    own.push(...without);
    const ratio = (of: (each: Turn) => number) => sum(of, withIt) / sum(of, without);
    const round: HorizonRound = {
      minute: (performance.now() - begun) / 60_000,
      // Rates: the time of the same work, the other way round.
      sends: 1 / ratio(({ sendMs }) => sendMs),
      outbox: 1 / ratio(({ outboxMs }) => outboxMs),
      node: ratio(({ node }) => node),
      postgres: ratio(({ postgres }) => postgres),
      pages: ratio(allPages),
    };
    rounds.push(round);
    log(
      `${round.minute.toFixed(1)} min: sends ${round.sends.toFixed(2)}, outbox ${round.outbox.toFixed(2)}, node µs ${round.node.toFixed(2)}, postgres µs ${round.postgres.toFixed(2)}, pages ${round.pages.toFixed(2)}${mostGrown(without, withIt)}`,
    );
  } while (performance.now() - begun < lastsMs);
  const late = rounds.slice(-Math.max(1, Math.round(rounds.length / 5)));
  const of = (pick: (round: HorizonRound) => number, among: readonly HorizonRound[]) => spread(among.map(pick));
  const rate = (ms: (each: Turn) => number) => spread(own.map((each) => (each.messages / ms(each)) * 1000));
  return {
    rounds,
    calm: {
      sends: rate(({ sendMs }) => sendMs),
      outbox: rate(({ outboxMs }) => outboxMs),
      node: spread(own.map(({ node }) => node)),
      postgres: spread(own.map(({ postgres }) => postgres)),
      pages: spread(own.map(allPages)),
    },
    sends: of(({ sends }) => sends, rounds),
    outbox: of(({ outbox }) => outbox, rounds),
    late: { sends: of(({ sends }) => sends, late), outbox: of(({ outbox }) => outbox, late) },
    faults: [],
  };
}
