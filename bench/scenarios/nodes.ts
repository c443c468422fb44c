import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Redis } from 'ioredis';
import { providePostgres, startRedis } from '../../tests/support/services.ts';
import type { Pair } from '../load/fleet.ts';
import { Load } from '../load/load.ts';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { type Bench, faults, type Figures, figures, type Turn, turn } from '../rounds.ts';
import { administer, createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openPairs, startServer } from '../servers/product.ts';
import { ServerProcess } from '../servers/start.ts';

/** S4: who sends is at one node and who receives at the other, beside two stock nodes with the sharded adapter; a Redis of their own for each. */
export type NodesOptions = Readonly<{
  rounds: number;
  seconds: number;
  conversations: number;
  inFlight: number;
  /** Messages per second for L; undefined: half of what the slower takes. */
  rate: number | undefined;
  smoke: boolean;
  log(line: string): void;
}>;

type Name = 'stock' | 'product';
/** `commands`: of Redis, per message, under full load. */
export type NodesFigures = Figures & Readonly<{ commands: number }>;
export type NodesRound = Readonly<Record<Name, NodesFigures>>;
export type NodesReport = Readonly<{
  rounds: NodesRound[];
  rate: number;
  /** Stock ÷ product: processor time of both nodes per message. */
  processor: Spread;
  /** Product ÷ stock. */
  p99: Spread;
  postgres: string;
  faults: string[];
}>;

type Contestant = Readonly<{
  name: Name;
  nodes: readonly [ServerProcess, ServerProcess];
  server: Readonly<{ cpuMicros: () => Promise<number> }>;
  pairs: Pair[];
  redis: Redis;
  databaseUrl?: string;
  stop: () => Promise<void>;
}>;

export async function nodes(options: NodesOptions): Promise<NodesReport> {
  const postgres = await providePostgres();
  const load = new Load(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
  const contestants: Contestant[] = [];
  try {
    for (const start of [startStock, startProduct]) {
      const contestant = await start(postgres.url, options.conversations);
      contestants.push(contestant);
      const [here, there] = contestant.nodes;
      await load.connect(contestant.name, [here.url], contestant.pairs, contestant.name === 'product', [there.url]);
    }
    const measured = await measure({ load, postgresCpu: await postgresCpu(postgres.url) }, contestants, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    const awake = setInterval(() => {}, 1000);
    load.stop();
    for (const { stop } of contestants) await stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['nodes']);
    await postgres.stop();
    clearInterval(awake);
  }
}

async function startStock(_databaseUrl: string, conversations: number): Promise<Contestant> {
  const instance = await startRedis();
  const start = () => ServerProcess.start(new URL('../servers/relay.ts', import.meta.url), { RELAY_REDIS_URL: instance.url });
  const pairs = Array.from({ length: conversations }, () => {
    const conversationId = randomUUID();
    const auth = JSON.stringify({ conversationId });
    return { conversationId, sender: auth, peer: auth };
  });
  return contestantOf('stock', [await start(), await start()], pairs, instance);
}

async function startProduct(databaseUrl: string, conversations: number): Promise<Contestant> {
  const instance = await startRedis();
  const url = await createDatabase(databaseUrl, 'nodes');
  const settings = { REDIS_URL: instance.url, SECRET_KEY: randomBytes(32).toString('hex') };
  const first = await startServer(url, [], { settings });
  const pairs = await openPairs(first.url, conversations);
  const contestant = contestantOf('product', [first, await startServer(url, [], { settings })], pairs, instance);
  return { ...contestant, databaseUrl: url };
}

type Instance = Awaited<ReturnType<typeof startRedis>>;

function contestantOf(name: Name, both: readonly [ServerProcess, ServerProcess], pairs: Pair[], instance: Instance): Contestant {
  const redis = new Redis(instance.url);
  return {
    name,
    nodes: both,
    server: { cpuMicros: async () => (await Promise.all(both.map((node) => node.cpuMicros()))).reduce((sum, each) => sum + each, 0) },
    pairs,
    redis,
    async stop() {
      for (const node of both) await node.stop();
      redis.disconnect();
      await instance.stop();
    },
  };
}

/** Commands that clients have given, so far; what this question adds is one. */
async function commandsOf(redis: Redis): Promise<number> {
  const stats = await redis.info('stats');
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1]);
}

type Measured = Omit<NodesReport, 'postgres'>;

async function measure(bench: Bench, contestants: readonly Contestant[], options: NodesOptions): Promise<Measured> {
  const { seconds, inFlight, smoke, log } = options;
  const wrong: string[] = [];
  const full = async (contestant: Contestant, duration: number): Promise<Turn & { commands: number }> => {
    const before = await commandsOf(contestant.redis);
    const result = await turn(bench, contestant, { kind: 'closed', seconds: duration, inFlight });
    wrong.push(...faults(contestant.name, result));
    return { ...result, commands: (await commandsOf(contestant.redis)) - before };
  };
  const most: number[] = [];
  for (const contestant of contestants) {
    const warm = await full(contestant, smoke ? 0.5 : Math.max(2, seconds));
    most.push(warm.counts.acked / warm.seconds);
    log(`warm: ${contestant.name} ${Math.round(warm.counts.acked / warm.seconds)} messages/s`);
    if (contestant.databaseUrl) await administer(contestant.databaseUrl, 'analyze');
  }
  const rate = Math.floor(options.rate ?? 0.5 * Math.min(...most));
  const rounds: NodesRound[] = [];
  for (let at = 1; at <= (smoke ? 1 : options.rounds); at += 1) {
    const turns = new Map(contestants.map(({ name }) => [name, { closed: [] as (Turn & { commands: number })[], open: [] as Turn[] }]));
    for (const contestant of smoke ? contestants : [...contestants, ...contestants.toReversed()]) {
      const own = turns.get(contestant.name);
      own?.closed.push(await full(contestant, seconds));
      const open = await turn(bench, contestant, { kind: 'open', seconds, rate });
      wrong.push(...faults(contestant.name, open));
      own?.open.push(open);
    }
    const of = (name: Name): NodesFigures => {
      const { closed = [], open = [] } = turns.get(name) ?? {};
      const commands = closed.reduce((sum, each) => sum + each.commands, 0) / closed.reduce((sum, { counts }) => sum + counts.acked, 0);
      return { ...figures(closed, open), commands };
    };
    const round = { stock: of('stock'), product: of('product') };
    rounds.push(round);
    log(
      `round ${at}: ${Object.entries(round)
        .map(
          ([name, each]) =>
            `${name} ${each.serverMicros.toFixed(0)} µs ${Math.round(each.perSecond)}/s, ${each.commands.toFixed(2)} commands`,
        )
        .join('; ')}`,
    );
  }
  return {
    rounds,
    rate,
    processor: spread(rounds.map(({ stock, product }) => stock.serverMicros / product.serverMicros)),
    p99: spread(rounds.map(({ stock, product }) => (product.latency?.p99 ?? Number.NaN) / (stock.latency?.p99 ?? Number.NaN))),
    faults: wrong,
  };
}
