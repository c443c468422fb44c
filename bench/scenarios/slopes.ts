import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { providePostgres, startRedis } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { calm, connectAll } from '../load/crowd.ts';
import type { Pair } from '../load/fleet.ts';
import { Load } from '../load/load.ts';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { type Bench, faults, type Figures, figures, type Turn, turn } from '../rounds.ts';
import { administer, createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openDirect, openGroups, openPairsByKey, startServer } from '../servers/product.ts';
import type { ServerProcess } from '../servers/start.ts';

/**
 * S17: whether a direct message costs more where there is more of something else: idle sockets at the node, conversations of who sends and
 * receives, or nodes. Two deployments of the product, small and large, take the same load for each of their nodes in turns, A B B A.
 */
export type Slope = 'sockets' | 'conversations' | 'nodes';
export const SLOPES: readonly Slope[] = ['sockets', 'conversations', 'nodes'];
export type SlopesOptions = Readonly<{
  only: readonly Slope[];
  /** Idle sockets of the large deployment. */
  sockets: number;
  rounds: number;
  seconds: number;
  pairs: number;
  inFlight: number;
  smoke: boolean;
  log(line: string): void;
}>;

type Size = 'small' | 'large';
export type SlopeRound = Readonly<Record<Size, Figures>>;
export type SlopeReport = Kept<SlopeRound> &
  Readonly<{
    slope: Slope;
    sizes: Readonly<Record<Size, number>>;
    /** Large ÷ small: processor time of all nodes per message, and PostgreSQL's. */
    processor: Spread;
    database: Spread;
  }>;
export type SlopesReport = Readonly<{ postgres: string; slopes: SlopeReport[]; faults: string[] }>;

const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };
const SIZES = { conversations: { small: 10, large: 1_000 }, nodes: { small: 1, large: 4 } };
const SMOKE_SIZES = { conversations: { small: 2, large: 10 }, nodes: { small: 1, large: 2 } };
const FEW_SOCKETS = 1_000;
/** Idle sockets of one person: who they belong to makes no difference to a message, and people take longer to make than sockets. */
const SOCKETS_EACH = 5;

type Deployment = Readonly<{ name: string; nodes: readonly ServerProcess[]; pairs: readonly Pair[] }>;
type Stand = Readonly<{ postgresUrl: string; bench: Bench; options: SlopesOptions; wrong: string[] }>;

export async function slopes(options: SlopesOptions): Promise<SlopesReport> {
  const postgres = await providePostgres();
  const load = new Load(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
  const awake = setInterval(() => {}, 1000);
  const wrong: string[] = [];
  try {
    const stand: Stand = { postgresUrl: postgres.url, bench: { load, postgresCpu: await postgresCpu(postgres.url) }, options, wrong };
    const reports: SlopeReport[] = [];
    for (const slope of options.only) reports.push(await slopeOf(stand, slope));
    return { slopes: reports, faults: wrong, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    load.stop();
    if (postgres.source === 'given')
      await dropDatabases(
        postgres.url,
        SLOPES.flatMap((slope) => [`${slope}_small`, `${slope}_large`]),
      );
    await postgres.stop();
    clearInterval(awake);
  }
}

async function slopeOf(stand: Stand, slope: Slope): Promise<SlopeReport> {
  const { options } = stand;
  const sizes =
    slope === 'sockets'
      ? { small: Math.min(FEW_SOCKETS, options.sockets), large: options.sockets }
      : (options.smoke ? SMOKE_SIZES : SIZES)[slope];
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const open = async (size: Size): Promise<Deployment> => {
      options.log(`${slope}: ${sizes[size]}`);
      return OPEN[slope](stand, `${slope}_${size}`, sizes[size], closers);
    };
    const [small, large] = [await open('small'), await open('large')];
    const kept = await measure(stand, small, large);
    const { rounds } = kept;
    return {
      slope,
      sizes,
      ...kept,
      processor: spread(rounds.map((round) => round.large.serverMicros / round.small.serverMicros)),
      database: spread(rounds.map((round) => (round.large.postgresMicros ?? Number.NaN) / (round.small.postgresMicros ?? Number.NaN))),
    };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

type Open = (stand: Stand, name: string, size: number, closers: (() => Promise<unknown>)[]) => Promise<Deployment>;

const OPEN: Readonly<Record<Slope, Open>> = {
  async sockets(stand, name, size, closers) {
    const [node] = await startNodes(stand, name, 1, closers);
    const pairs = await openPairsByKey(node.url, OWNER, stand.options.pairs);
    const people = await openGroups(node.url, OWNER, { groups: Math.ceil(size / SOCKETS_EACH), size: 1, conversations: 0 });
    const auths = people.flatMap(({ members }) => members.flatMap(({ auth }) => Array.from({ length: SOCKETS_EACH }, () => auth)));
    const clients = await connectAll(node.url, auths.slice(0, size), () => ({
      acked() {},
      event() {},
      closed: (why) => void stand.wrong.push(`an idle socket was ${why}`),
    }));
    closers.push(async () => {
      for (const client of clients) client.leave();
    });
    return { name, nodes: [node], pairs };
  },

  async conversations(stand, name, size, closers) {
    const [node] = await startNodes(stand, name, 1, closers);
    // Everybody is in all of them, and with one other person in a direct one.
    const [group] = await openGroups(node.url, OWNER, { groups: 1, size: 2 * stand.options.pairs, conversations: size - 1 });
    const members = group?.members ?? [];
    const pairs: Pair[] = [];
    for (let at = 0; at < members.length; at += 2) pairs.push(await openDirect(node.url, members[at], members[at + 1]));
    return { name, nodes: [node], pairs };
  },

  async nodes(stand, name, size, closers) {
    const nodes = await startNodes(stand, name, size, closers);
    // So many for each node: a batch is what waits at one, and a quarter of the load would be measured as smaller batches.
    return { name, nodes, pairs: await openPairsByKey(nodes[0].url, OWNER, size * stand.options.pairs) };
  },
};

/** With a Redis of their own, also where there is one node. */
async function startNodes({ postgresUrl }: Stand, name: string, count: number, closers: (() => Promise<unknown>)[]) {
  const redis = await startRedis();
  closers.push(() => redis.stop());
  const url = await createDatabase(postgresUrl, name);
  const secret = randomBytes(32).toString('hex');
  const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, REDIS_URL: redis.url, SECRET_KEY: secret };
  const nodes: ServerProcess[] = [];
  for (let at = 0; at < count; at += 1) {
    const node = await startServer(url, [], { settings });
    closers.push(() => node.stop());
    nodes.push(node);
  }
  await administer(url, 'analyze');
  return nodes as [ServerProcess, ...ServerProcess[]];
}

async function measure({ bench, options, wrong }: Stand, small: Deployment, large: Deployment): Promise<Kept<SlopeRound>> {
  const { rounds: count, seconds, inFlight, smoke, log } = options;
  const both = { small, large };
  for (const { name, nodes, pairs } of [small, large]) {
    const urls = nodes.map(({ url }) => url);
    // Who receives is at the next node.
    await bench.load.connect(name, urls, pairs, true, [...urls.slice(1), ...urls.slice(0, 1)]);
  }
  await calm([...small.nodes, ...large.nodes], options.sockets);
  const once = async ({ name, nodes }: Deployment): Promise<Turn> => {
    const cpuMicros = async () => (await Promise.all(nodes.map((node) => node.cpuMicros()))).reduce((sum, each) => sum + each, 0);
    const result = await turn(bench, { name, server: { cpuMicros } }, { kind: 'closed', seconds, inFlight });
    wrong.push(...faults(name, result));
    return result;
  };
  for (const each of [small, large]) await once(each);
  return calmRounds(smoke ? 1 : count, log, async () => {
    const turns: Record<Size, Turn[]> = { small: [], large: [] };
    const order: readonly Size[] = smoke ? ['small', 'large'] : ['small', 'large', 'large', 'small'];
    for (const size of order) turns[size].push(await once(both[size]));
    const round = { small: figures(turns.small, []), large: figures(turns.large, []) };
    const summary = `${round.small.serverMicros.toFixed(0)} µs, large ${round.large.serverMicros.toFixed(0)} µs`;
    return { round, limits: turns.small.map(({ counts, serverMicros }) => serverMicros / counts.acked), summary };
  });
}
