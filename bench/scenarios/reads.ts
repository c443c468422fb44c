import { HISTORY_SQL } from '@coucou/postgres/messages/message-reader';
import { LIST_SQL } from '@coucou/postgres/conversations/conversation-reader';
import { RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import pg from 'pg';
import { providePostgres } from '../../tests/support/services.ts';
import { HttpClient } from '../load/http-client.ts';
import { percentile } from '@coucou/server/load/percentile';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { dropDatabases } from '../servers/contestants.ts';
import { ServerProcess } from '../servers/start.ts';
import { logIn, startSeeded, type Seeded } from '../servers/seeded.ts';

/** S6: a page over HTTP beside the product's own named statement through pg, at several sizes. */
export type ReadsOptions = Readonly<{
  scenario: 'history' | 'inbox';
  sizes: readonly number[];
  rounds: number;
  requests: number;
  smoke: boolean;
  nodeOptions: readonly string[];
  log(line: string): void;
}>;

/** Milliseconds and processor microseconds of one page. */
type Figures = Readonly<{ p50: number; p99: number; serverMicros: number | undefined; postgresMicros: number | undefined }>;
type Way = 'http' | 'raw' | 'bare' | 'bytes';
type Round = Readonly<Record<'http' | 'raw', Figures> & Partial<Record<'bare' | 'bytes', Figures>>>;
export type SizeReport = Readonly<{
  size: number;
  rounds: Round[];
  ratio: Spread;
  http: Spread;
  raw: Spread;
  bare: Spread | undefined;
  bytes: Spread | undefined;
  serverMicros: Spread;
}>;
export type ReadsReport = Readonly<{
  postgres: string;
  sizes: SizeReport[];
  slope: Record<'http' | 'raw', number> | undefined;
  faults: string[];
}>;

/** One page of 50, asked in one of two ways; what it answers says how many items there were, which is counted off the clock. */
type Ask = (turn: number) => Promise<() => number>;
type Bench = Readonly<{
  size: number;
  items: number;
  /** `bare`: the product's reader and presenter behind nothing but Node's own server. `bytes`: a page that this server has in memory. */
  ways: Readonly<{ http: Ask; raw: Ask; bare?: Ask; bytes?: Ask }>;
  serverMicros: () => Promise<number>;
  close: () => Promise<void>;
}>;

const LIMIT = 50;
/** As the role that serves requests, under its policies; the account is set once, so that this is the statement and nothing else. */
async function rawClient(seeded: Seeded): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: seeded.databaseUrl });
  await client.connect();
  await client.query(`${RUNTIME_SESSION}; set app.account_id = '${seeded.account}'`);
  return client;
}

/** Places spread over the conversation, the same for both ways. */
const placeOf = (round: number, size: number): number => LIMIT + 2 + ((round * 7_919) % Math.max(1, size - LIMIT - 2));

async function historyAt(seeded: Seeded, size: number): Promise<Bench> {
  const { id, token } = await logIn(seeded.server.url, 'ruth');
  const client = await rawClient(seeded);
  const http = new HttpClient(seeded.server.url);
  const bare = await startBare(seeded, id);
  const bareHttp = new HttpClient(bare.url);
  const base = `/api/v1/conversations/${seeded.conversation}/messages?limit=${LIMIT}&before=`;
  return {
    size,
    items: LIMIT,
    ways: {
      http: async (round) => itemsIn(await http.get(`${base}${placeOf(round, size)}`, token)),
      bare: async (round) => itemsIn(await bareHttp.get(`/?limit=${LIMIT}&before=${placeOf(round, size)}`, token)),
      bytes: async () => itemsIn(await bareHttp.get('/again', token)),
      async raw(round) {
        const values = [seeded.conversation, id, placeOf(round, size), LIMIT + 1];
        const { rows } = await client.query({ name: 'history', text: HISTORY_SQL, values });
        return () => Math.min(LIMIT, rows.length);
      },
    },
    serverMicros: () => seeded.server.cpuMicros(),
    async close() {
      http.close();
      bareHttp.close();
      await bare.stop();
      await client.end();
    },
  };
}

async function inboxOf(seeded: Seeded, username: string, size: number): Promise<Bench> {
  const { id, token } = await logIn(seeded.server.url, username);
  const client = await rawClient(seeded);
  const http = new HttpClient(seeded.server.url);
  const path = `/api/v1/conversations?limit=${LIMIT}`;
  const values = [id, null, null, LIMIT + 1, null, null, null];
  return {
    size,
    // A twelfth is archived; and the long conversation is among them.
    items: Math.min(size, LIMIT),
    ways: {
      http: async () => itemsIn(await http.get(path, token)),
      async raw() {
        const { rows } = await client.query({ name: 'conversation-list', text: LIST_SQL, values });
        return () => Math.min(LIMIT, rows.length);
      },
    },
    serverMicros: () => seeded.server.cpuMicros(),
    async close() {
      http.close();
      await client.end();
    },
  };
}

const waysOf = ({ ways }: Bench): Way[] => (ways.bare ? ['http', 'bare', 'bytes', 'raw'] : ['http', 'raw']);

const startBare = ({ databaseUrl, account, conversation }: Seeded, viewer: string): Promise<ServerProcess> =>
  ServerProcess.start(new URL('../servers/bare.ts', import.meta.url), {
    DATABASE_URL: databaseUrl,
    ACCOUNT: account,
    VIEWER: viewer,
    CONVERSATION: conversation,
  });

const itemsIn = (body: Buffer) => () => (JSON.parse(body.toString()) as { items: unknown[] }).items.length;

/** Who has how many conversations; the numbers of `pnpm cli seed --size`. One is the long conversation, some are archived. */
const INBOXES = { tina: 10, hank: 100, ruth: 1_000 } as const;

export async function reads(options: ReadsOptions): Promise<ReadsReport> {
  const { scenario, sizes, log, nodeOptions } = options;
  const postgres = await providePostgres();
  const seededs: Seeded[] = [];
  const benches: Bench[] = [];
  try {
    for (const size of scenario === 'history' ? sizes : [1_000]) {
      log(`seeding ${size} messages`);
      const seeded = await startSeeded({ databaseUrl: postgres.url, size, nodeOptions });
      seededs.push(seeded);
      if (scenario === 'history') benches.push(await historyAt(seeded, size));
      else for (const [username, conversations] of Object.entries(INBOXES)) benches.push(await inboxOf(seeded, username, conversations));
    }
    const measured = await measure(benches, await postgresCpu(postgres.url), options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    const awake = setInterval(() => {}, 1000);
    for (const bench of benches) await bench.close();
    for (const { server } of seededs) await server.stop();
    if (postgres.source === 'given')
      await dropDatabases(
        postgres.url,
        sizes.map((size) => `seeded_${size}`),
      );
    await postgres.stop();
    clearInterval(awake);
  }
}

type Turn = Readonly<{ samples: Float64Array; serverMicros: number; postgresMicros: number | undefined; short: number }>;

/** So short that whatever else the machine does for a moment meets every way, and so long that the first pages weigh little. */
const PAGES_PER_TURN = 100;
const WARM_PAGES = 3_000;

async function turn(bench: Bench, way: Way, from: number, requests: number, cpu: (() => number) | undefined): Promise<Turn> {
  const samples = new Float64Array(requests);
  const [serverBefore, postgresBefore] = [await bench.serverMicros(), cpu?.()];
  const ask = bench.ways[way] ?? bench.ways.raw;
  let short = 0;
  for (let at = 0; at < requests; at += 1) {
    const before = performance.now();
    const items = await ask(from + at);
    samples[at] = performance.now() - before;
    if (items() < bench.items) short += 1;
  }
  const serverMicros = (await bench.serverMicros()) - serverBefore;
  return { samples, serverMicros, postgresMicros: cpu && cpu() - (postgresBefore ?? 0), short };
}

function figuresOf(turns: readonly Turn[]): Figures {
  const samples = new Float64Array(turns.flatMap((each) => [...each.samples]));
  const sum = (pick: (each: Turn) => number) => turns.reduce((total, each) => total + pick(each), 0);
  return {
    p50: percentile(samples, 0.5),
    p99: percentile(samples, 0.99),
    serverMicros: sum(({ serverMicros }) => serverMicros) / samples.length,
    postgresMicros: turns.some(({ postgresMicros }) => postgresMicros === undefined)
      ? undefined
      : sum(({ postgresMicros }) => postgresMicros ?? 0) / samples.length,
  };
}

async function measure(
  benches: readonly Bench[],
  cpu: (() => number) | undefined,
  { scenario, rounds, requests, smoke, log }: ReadsOptions,
) {
  const faults: string[] = [];
  const full = async (bench: Bench, way: Way, from: number, many: number): Promise<Turn> => {
    const result = await turn(bench, way, from, many, cpu);
    if (result.short > 0) faults.push(`${way} at ${bench.size}: ${result.short} of ${many} pages were short of ${bench.items}`);
    return result;
  };
  // As in a server that has been up for a minute: else the rounds would measure the compiler, and the statements' first plans.
  for (const bench of benches) for (const way of waysOf(bench)) await full(bench, way, 0, smoke ? 20 : WARM_PAGES);
  const kept = benches.map((): Round[] => []);
  for (let round = 1; round <= (smoke ? 1 : rounds); round += 1) {
    const turns = benches.map((): Record<Way, Turn[]> => ({ http: [], raw: [], bare: [], bytes: [] }));
    // A B … B A over ways and sizes alike: whatever the machine does besides meets all of them.
    const order = benches.flatMap((bench, at) => waysOf(bench).map((way) => ({ bench, at, way })));
    const [turnsEach, pages] = smoke ? [1, 20] : [Math.ceil(requests / PAGES_PER_TURN), PAGES_PER_TURN];
    for (let each = 0; each < turnsEach; each += 1)
      for (const { bench, at, way } of [...order, ...order.toReversed()])
        turns[at]?.[way].push(await full(bench, way, each * pages, pages));
    for (const [at, { http, raw, bare, bytes }] of turns.entries())
      kept[at]?.push({
        http: figuresOf(http),
        raw: figuresOf(raw),
        ...(bare.length > 0 ? { bare: figuresOf(bare), bytes: figuresOf(bytes) } : {}),
      });
    log(
      `round ${round}: ${benches.map(({ size }, at) => `${size}: ${kept[at]?.at(-1)?.http.p50.toFixed(2)} / ${kept[at]?.at(-1)?.raw.p50.toFixed(2)} ms`).join(', ')}`,
    );
  }
  const sizes = benches.map((bench, at): SizeReport => {
    const own = kept[at] ?? [];
    return {
      size: bench.size,
      rounds: own,
      ratio: spread(own.map(({ http, raw }) => http.p50 / raw.p50)),
      http: spread(own.map(({ http }) => http.p50)),
      raw: spread(own.map(({ raw }) => raw.p50)),
      bare: bench.ways.bare && spread(own.map(({ bare, raw }) => (bare?.p50 ?? Number.NaN) / raw.p50)),
      bytes: bench.ways.bytes && spread(own.map(({ bytes, raw }) => (bytes?.p50 ?? Number.NaN) / raw.p50)),
      serverMicros: spread(own.map(({ http }) => http.serverMicros ?? Number.NaN)),
    };
  });
  const [first, last] = [sizes[0], sizes.at(-1)];
  const slopeOf = (way: 'http' | 'raw') =>
    first && last ? Math.log(last[way].median / first[way].median) / Math.log(last.size / first.size) : Number.NaN;
  // Over what is stored. An inbox is as long as one's own conversations are many, and is to grow with them.
  return { sizes, slope: scenario === 'history' && sizes.length > 1 ? { http: slopeOf('http'), raw: slopeOf('raw') } : undefined, faults };
}
