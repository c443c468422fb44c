import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { providePostgres } from '../../tests/support/services.ts';
import { HttpClient } from '../load/http-client.ts';
import { Load } from '../load/load.ts';
import { type Interval, interval, postgresCpu } from '../measure.ts';
import { type Bench, faults, turn } from '../rounds.ts';
import { administer, dropDatabases } from '../servers/contestants.ts';
import { openPairs, startServer } from '../servers/product.ts';
import { find, logIn, seedDatabase } from '../servers/seeded.ts';
import type { ServerProcess } from '../servers/start.ts';

/**
 * What a change costs: the product of this checkout beside those of others (`git worktree add`, installed), each on a database of its own that
 * its own command line has seeded, in turns of a second or less (A B C C B A). Judged by processor time per unit of work, as the ratio within a round.
 */
export type VersusOptions = Readonly<{
  /** Folders of checkouts; the first is the base that the others are divided by. */
  checkouts: readonly string[];
  rounds: number;
  seconds: number;
  conversations: number;
  /** Which of the asks; all where absent. */
  only?: readonly string[] | undefined;
  log(line: string): void;
}>;

type Cost = { work: number; server: number; postgres: number; bytes: number };
type Ask = (turn: number) => Promise<Cost>;
type Product = Readonly<{
  label: string;
  asks: Readonly<Record<string, Ask>>;
  server: ServerProcess;
  drained: () => Promise<void>;
  close: () => Promise<void>;
}>;

export type VersusRow = Readonly<{
  scenario: string;
  label: string;
  /** Processor microseconds per message or page, over all rounds. */
  server: number;
  postgres: number;
  /** Of a page: what is compared is only the same where the pages are. */
  bytes: number;
  /** Ratio to the base within a round: geometric mean and its 95 % interval. */
  serverRatio: Interval | undefined;
  postgresRatio: Interval | undefined;
}>;
export type VersusReport = Readonly<{ postgres: string; rows: VersusRow[]; faults: string[] }>;

const PAGES = 100;

export async function versus(options: VersusOptions): Promise<VersusReport> {
  const postgres = await providePostgres();
  const load = new Load(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
  const products: Product[] = [];
  const wrong: string[] = [];
  try {
    const cpu = await postgresCpu(postgres.url);
    const bench: Bench = { load, postgresCpu: cpu };
    for (const [at, checkout] of options.checkouts.entries()) {
      options.log(`seeding and starting ${checkout}`);
      products.push(await start({ checkout, purpose: `versus_${at}`, databaseUrl: postgres.url, bench, options, wrong }));
    }
    return { postgres: `PostgreSQL ${postgres.version} (${postgres.source})`, rows: await measure(products, options), faults: wrong };
  } finally {
    const awake = setInterval(() => {}, 1000);
    load.stop();
    for (const { server, close } of products) {
      await close();
      await server.stop();
    }
    if (postgres.source === 'given')
      await dropDatabases(
        postgres.url,
        options.checkouts.map((_, at) => `versus_${at}`),
      );
    await postgres.stop();
    clearInterval(awake);
  }
}

type Setting = Readonly<{ checkout: string; purpose: string; databaseUrl: string; bench: Bench; options: VersusOptions; wrong: string[] }>;

async function start({ checkout, purpose, databaseUrl, bench, options, wrong }: Setting): Promise<Product> {
  const source = path.resolve(checkout, 'apps/server/src');
  await access(path.join(source, 'main.ts'));
  const seeded = await seedDatabase({ databaseUrl, purpose, size: 10_000, cli: path.join(source, 'cli/main.ts') });
  const server = await startServer(seeded, [], { entry: pathToFileURL(path.join(source, 'main.ts')) });
  const pairs = await openPairs(server.url, options.conversations);
  await administer(seeded, 'vacuum analyze');
  await bench.load.connect(purpose, [server.url], pairs, true);
  const { token } = await logIn(server.url, 'ruth');
  const { conversation } = await find(seeded);
  const http = new HttpClient(server.url);
  const database = new pg.Client({ connectionString: seeded });
  await database.connect();

  const pages = async (url: (at: number) => string): Promise<Cost> => {
    const [serverBefore, postgresBefore] = [await server.cpuMicros(), bench.postgresCpu?.() ?? 0];
    let bytes = 0;
    for (let at = 0; at < PAGES; at += 1) bytes += (await http.get(url(at), token)).length;
    const postgres = (bench.postgresCpu?.() ?? 0) - postgresBefore;
    return { work: PAGES, server: (await server.cpuMicros()) - serverBefore, postgres, bytes };
  };
  const asks: Record<string, Ask> = {
    async send() {
      const result = await turn(bench, { name: purpose, server }, { kind: 'closed', seconds: options.seconds, inFlight: 4 });
      wrong.push(...faults(checkout, result));
      return { work: result.counts.acked, server: result.serverMicros, postgres: result.postgresMicros ?? 0, bytes: 0 };
    },
    /** Until the last message has had its effects: of what runs in the background, a version may leave more or less for later. */
    async effects() {
      const [serverBefore, postgresBefore] = [await server.cpuMicros(), bench.postgresCpu?.() ?? 0];
      const result = await turn(bench, { name: purpose, server }, { kind: 'closed', seconds: options.seconds, inFlight: 4 });
      wrong.push(...faults(checkout, result));
      await drained(database, checkout);
      const postgres = (bench.postgresCpu?.() ?? 0) - postgresBefore;
      return { work: result.counts.acked, server: (await server.cpuMicros()) - serverBefore, postgres, bytes: 0 };
    },
    history: (round) =>
      pages((at) => `/api/v1/conversations/${conversation}/messages?limit=50&before=${52 + (((round * PAGES + at) * 7_919) % 9_948)}`),
    inbox: () => pages(() => '/api/v1/conversations?limit=50'),
  };
  return {
    label: checkout,
    asks,
    server,
    drained: () => drained(database, checkout),
    async close() {
      http.close();
      await database.end();
    },
  };
}

const DRAIN_WITHIN_MS = 300_000;

/** When the outbox has no due event: what a burst of messages leaves to be done would be charged to whoever is measured next. */
async function drained(database: pg.Client, checkout: string): Promise<void> {
  const began = performance.now();
  for (;;) {
    const { rowCount } = await database.query('select from outbox where dead_at is null and due_at <= clock_timestamp() limit 1');
    if (rowCount === 0) return;
    if (performance.now() - began > DRAIN_WITHIN_MS)
      throw new Error(`the outbox of ${checkout} was not worked off within ${DRAIN_WITHIN_MS / 1_000} s`);
    await pause(50);
  }
}

async function measure(products: readonly Product[], { rounds, only, log }: VersusOptions): Promise<VersusRow[]> {
  const names = Object.keys(products[0]?.asks ?? {}).filter((name) => only?.includes(name) ?? true);
  if (names.length === 0) throw new Error(`--only: there is no ${only?.join(', ')}`);
  const costs = new Map(products.map(({ label }) => [label, new Map(names.map((name) => [name, [] as Cost[]]))]));
  // Round 0 warms: the compiler, the statements' plans, the caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const both = new Map<string, Cost>();
      const warm = round === 0 ? [1, 2, 3, 4, 5, 6, 7, 8].flatMap(() => products) : [];
      for (const { label, asks } of [...warm, ...products, ...products.toReversed()]) {
        // All of them: they share one PostgreSQL, and the machine.
        for (const each of products) await each.drained();
        const cost = await (asks[name] as Ask)(round);
        const sum = both.get(label);
        both.set(label, sum ? add(sum, cost) : cost);
      }
      if (round > 0) for (const [label, cost] of both) costs.get(label)?.get(name)?.push(cost);
    }
    if (round > 0 && round % 5 === 0) log(`${round} of ${rounds} rounds`);
  }
  const base = products[0]?.label;
  return names.flatMap((scenario) =>
    products.map(({ label }): VersusRow => {
      const own = costs.get(label)?.get(scenario) ?? [];
      const others = costs.get(base ?? '')?.get(scenario) ?? [];
      const total = own.reduce(add);
      const ratio = (of: 'server' | 'postgres') =>
        label === base
          ? undefined
          : interval(own.map((cost, at) => cost[of] / cost.work / ((others[at]?.[of] ?? 0) / (others[at]?.work ?? 0))));
      return {
        scenario,
        label,
        server: total.server / total.work,
        postgres: total.postgres / total.work,
        bytes: total.bytes / total.work,
        serverRatio: ratio('server'),
        postgresRatio: ratio('postgres'),
      };
    }),
  );
}

const add = (a: Cost, b: Cost): Cost => ({
  work: a.work + b.work,
  server: a.server + b.server,
  postgres: a.postgres + b.postgres,
  bytes: a.bytes + b.bytes,
});
