import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { providePostgres } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { calm } from '../load/crowd.ts';
import { RawClient } from '../load/raw-client.ts';
import { ratesOf, ReturningClient } from '../load/returning.ts';
import { percentile } from '@coucou/server/load/percentile';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { createDatabase, dropDatabases } from '../servers/contestants.ts';
import { type Group, openGroups, postMessages, severalAtOnce, startServer } from '../servers/product.ts';
import { ServerProcess } from '../servers/start.ts';

/**
 * S8: everybody is cut at once, each misses messages, and all come back at once. Beside handshakes alone, of a bare `ws` server and of stock
 * Socket.IO, by the same clients at once. Handshakes before and after in each round.
 */
export type StormOptions = Readonly<{
  rounds: number;
  clients: number;
  smoke: boolean;
  nodeOptions: readonly string[];
  log(line: string): void;
}>;

/** `perSecond`: clients by the time until the last was connected, and until the last had also synced. Microseconds are for each client. */
export type StormTurn = Readonly<{ perSecond: number; syncedPerSecond: number; micros: number }>;
export type ProductTurn = StormTurn &
  Readonly<{
    postgresMicros: number | undefined;
    queries: number;
    refusals: number;
    p95: number;
    lost: number;
    twice: number;
    ended: number;
  }>;
export type StormRound = Readonly<{ raw: StormTurn; stock: StormTurn; product: ProductTurn }>;
export type StormReport = Kept<StormRound> &
  Readonly<{
    postgres: string;
    clients: number;
    /** Connects per second ÷ raw handshakes, and ÷ those of stock Socket.IO. */
    toRaw: Spread;
    toStock: Spread;
    faults: string[];
  }>;

const SIZE = 20;
const CONVERSATIONS = 5;
/** Messages that come into each conversation while everybody is away. */
const MISSED = 2;
/** For each client that comes back: one for its conversations with others of the same turn, and the statements of one sync. */
const MOST_QUERIES = 9;
const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };
const QUERY_PROBE = new URL('../servers/query-probe.ts', import.meta.url).href;

export async function storm(options: StormOptions): Promise<StormReport> {
  const { log } = options;
  const postgres = await providePostgres();
  const servers: ServerProcess[] = [];
  const awake = setInterval(() => {}, 1000);
  try {
    const start = async (server: Promise<ServerProcess>): Promise<ServerProcess> => {
      servers.push(await server);
      return server;
    };
    const raw = await start(ServerProcess.start(new URL('../servers/raw-sockets.ts', import.meta.url)));
    const stock = await start(ServerProcess.start(new URL('../servers/relay.ts', import.meta.url)));
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password };
    const url = await createDatabase(postgres.url, 'storm');
    const product = await start(startServer(url, [...options.nodeOptions, '--import', QUERY_PROBE], { settings }));
    log(`making ${options.clients} people`);
    const groups = await openGroups(product.url, OWNER, {
      groups: Math.ceil(options.clients / SIZE),
      size: SIZE,
      conversations: CONVERSATIONS,
    });
    const measured = await measure({ raw, stock, product, groups, cpu: await postgresCpu(postgres.url) }, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    for (const server of servers) await server.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['storm']);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Stand = Readonly<{
  raw: ServerProcess;
  stock: ServerProcess;
  product: ServerProcess;
  groups: readonly Group[];
  cpu: (() => number) | undefined;
}>;

async function measure(stand: Stand, { rounds: count, smoke, log }: StormOptions) {
  const { product, groups, cpu } = stand;
  const people = groups.flatMap(({ members }) => members.map(({ auth }) => new ReturningClient(auth)));
  const n = people.length;
  const faults: string[] = [];
  await severalAtOnce(n, async (at) => people[at]?.learn((await people[at].comeBack(product.url)).answers[0] ?? Buffer.from('')));

  const comeBack = async (): Promise<ProductTurn> => {
    for (const person of people) person.cut();
    const missed = await postMessages(product.url, groups, MISSED);
    await calm([product]);
    const ended = people.reduce((sum, { lost }) => sum + lost, 0);
    const [micros, postgresBefore, queries] = [await product.cpuMicros(), cpu?.(), await product.ask<number>('queries')];
    const begun = performance.now();
    const returns = await Promise.all(people.map((person) => person.comeBack(product.url)));
    const [microsAfter, queriesAfter] = [await product.cpuMicros(), await product.ask<number>('queries')];
    const got = returns.map(({ answers }, at) => answers.flatMap((answer) => people[at]?.learn(answer) ?? []));
    const turn = {
      ...ratesOf(returns, begun),
      micros: (microsAfter - micros) / n,
      postgresMicros: cpu && (cpu() - (postgresBefore ?? 0)) / n,
      queries: (queriesAfter - queries) / n,
      refusals: returns.reduce((sum, { refusals }) => sum + refusals, 0),
      p95: percentile(
        Float64Array.from(returns, ({ syncedAt }) => syncedAt - begun),
        0.95,
      ),
      lost: got.reduce((sum, own, at) => sum + (missed[Math.floor(at / SIZE)] ?? []).filter((each) => !own.includes(each)).length, 0),
      twice: got.reduce((sum, own) => sum + own.length - new Set(own).size, 0),
      ended: people.reduce((sum, { lost }) => sum + lost, 0) - ended,
    };
    for (const what of ['lost', 'twice', 'ended'] as const) if (turn[what] > 0) faults.push(`${turn[what]} ${FAULTS[what]}`);
    if (turn.queries > MOST_QUERIES) faults.push(`${turn.queries.toFixed(2)} queries per client, above ${MOST_QUERIES}`);
    return turn;
  };
  const raw = () => handshakes(stand.raw, n, openRaw);
  const stock = () => handshakes(stand.stock, n, openStock);
  // Once each, so that nothing is compiled while it is measured.
  for (const warm of [raw, stock, comeBack]) await warm();
  const kept = await calmRounds(smoke ? 1 : count, log, async () => {
    const before = [await raw(), await stock()] as const;
    const first = await comeBack();
    const own = smoke ? [first] : [first, await comeBack()];
    const after = [await stock(), await raw()] as const;
    const round: StormRound = {
      raw: together([before[0], after[1]]),
      stock: together([before[1], after[0]]),
      product: { ...first, ...together(own) },
    };
    const { perSecond, micros, queries } = round.product;
    const summary = `raw ${round.raw.perSecond.toFixed(0)}/s, stock ${round.stock.perSecond.toFixed(0)}/s, product ${perSecond.toFixed(0)}/s, ${micros.toFixed(0)} µs, ${queries.toFixed(2)} queries`;
    return { round, limits: smoke ? [] : [before[0].perSecond, after[1].perSecond], summary };
  });
  const { rounds } = kept;
  return {
    ...kept,
    clients: n,
    toRaw: spread(rounds.map((round) => round.product.perSecond / round.raw.perSecond)),
    toStock: spread(rounds.map((round) => round.product.perSecond / round.stock.perSecond)),
    faults,
  };
}

const FAULTS = { lost: 'missed messages did not come', twice: 'messages came twice', ended: 'connections ended that nobody cut' };

/** Two turns of the same as one: both rates of the same number of clients. */
function together(turns: readonly StormTurn[]): StormTurn {
  const mean = (of: (turn: StormTurn) => number) => turns.reduce((sum, turn) => sum + of(turn), 0) / turns.length;
  return {
    perSecond: 1 / mean(({ perSecond }) => 1 / perSecond),
    syncedPerSecond: 1 / mean(({ syncedPerSecond }) => 1 / syncedPerSecond),
    micros: mean(({ micros }) => micros),
  };
}

type Open = (url: string) => Promise<() => void>;

async function openRaw(url: string): Promise<() => void> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { perMessageDeflate: false });
  await once(socket, 'open');
  return () => socket.terminate();
}

async function openStock(url: string): Promise<() => void> {
  const auth = JSON.stringify({ conversationId: randomUUID() });
  const client = await RawClient.connect(url, auth, { acked() {}, event() {}, closed() {} });
  return () => client.cut();
}

async function handshakes(server: ServerProcess, clients: number, open: Open): Promise<StormTurn> {
  const before = await server.cpuMicros();
  const begun = performance.now();
  const returns = await Promise.all(
    Array.from({ length: clients }, async () => {
      const cut = await open(server.url);
      const at = performance.now();
      return { cut, connectedAt: at, syncedAt: at };
    }),
  );
  const micros = ((await server.cpuMicros()) - before) / clients;
  for (const { cut } of returns) cut();
  await calm([server]);
  return { ...ratesOf(returns, begun), micros };
}
