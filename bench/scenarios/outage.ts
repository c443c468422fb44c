import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import pg from 'pg';
import { providePostgres, startRedis } from '../../tests/support/services.ts';
import type { Instance } from '../../tests/support/instance.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { calm } from '../load/crowd.ts';
import type { Pair } from '../load/fleet.ts';
import { Load } from '../load/load.ts';
import { Observers } from '../load/observers.ts';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { type Bench, faults, type Figures, figures, type Turn, turn } from '../rounds.ts';
import { administer, createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openPairsByKey, startServer } from '../servers/product.ts';
import type { ServerProcess } from '../servers/start.ts';

/**
 * S16: messages at one of two nodes while Redis is stopped ÷ while it is there, A B B A with one outage in each round. Recipients are also
 * connected to the other node: measured is how long after Redis answers again all of them have heard of the newest message.
 */
export type OutageOptions = Readonly<{
  rounds: number;
  seconds: number;
  conversations: number;
  inFlight: number;
  smoke: boolean;
  log(line: string): void;
}>;

export type OutageRound = Readonly<{ there: Figures; away: Figures; convergedMs: number }>;
export type OutageReport = Kept<OutageRound> &
  Readonly<{
    postgres: string;
    /** Messages per second, away ÷ there; and processor time of both nodes per message, there ÷ away. */
    sends: Spread;
    processor: Spread;
    converged: Spread;
    faults: string[];
  }>;

const MOST_CONVERGING_MS = 30_000;
const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };

type Stand = Readonly<{
  bench: Bench;
  nodes: readonly [ServerProcess, ServerProcess];
  redis: Instance;
  databaseUrl: string;
  observers: Observers;
}>;

export async function outage(options: OutageOptions): Promise<OutageReport> {
  const postgres = await providePostgres();
  const redis = await startRedis();
  const load = new Load(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
  const nodes: ServerProcess[] = [];
  let observers: Observers | undefined;
  const awake = setInterval(() => {}, 1000);
  try {
    const databaseUrl = await createDatabase(postgres.url, 'outage');
    const secret = randomBytes(32).toString('hex');
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, REDIS_URL: redis.url, SECRET_KEY: secret };
    const start = async (): Promise<ServerProcess> => {
      const node = await startServer(databaseUrl, [], { settings });
      nodes.push(node);
      return node;
    };
    const [here, there] = [await start(), await start()];
    options.log(`making ${2 * options.conversations} people`);
    const pairs: Pair[] = await openPairsByKey(here.url, OWNER, options.conversations);
    await load.connect('product', [here.url], pairs, true);
    observers = await Observers.connect(there.url, pairs);
    const bench = { load, postgresCpu: await postgresCpu(postgres.url) };
    const measured = await measure({ bench, nodes: [here, there], redis, databaseUrl, observers }, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    load.stop();
    observers?.leave();
    for (const node of nodes) await node.stop();
    await redis.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['outage']);
    await postgres.stop();
    clearInterval(awake);
  }
}

async function measure({ bench, nodes, redis, databaseUrl, observers }: Stand, options: OutageOptions) {
  const { rounds: count, seconds, inFlight, smoke, log } = options;
  const wrong: string[] = [];
  const server = {
    cpuMicros: async () => (await Promise.all(nodes.map((node) => node.cpuMicros()))).reduce((sum, each) => sum + each, 0),
  };
  const once = async (): Promise<Turn> => {
    const result = await turn(bench, { name: 'product', server }, { kind: 'closed', seconds, inFlight });
    wrong.push(...faults('product', result));
    return result;
  };
  const healed = async (): Promise<number> => {
    const versions = await versionsOf(databaseUrl);
    await redis.restart();
    const begun = performance.now();
    const behind = await observers.caughtUp(versions, MOST_CONVERGING_MS);
    if (behind > 0) wrong.push(`${behind} connections to the other node have not heard of the newest message`);
    return performance.now() - begun;
  };
  await once();
  await administer(databaseUrl, 'vacuum analyze');
  const kept = await calmRounds(smoke ? 1 : count, log, async () => {
    const there = [await once()];
    await redis.kill();
    const away = smoke ? [await once()] : [await once(), await once()];
    const convergedMs = await healed();
    await calm(nodes);
    if (!smoke) there.push(await once());
    const round = { there: figures(there, []), away: figures(away, []), convergedMs };
    const summary = `${round.there.perSecond.toFixed(0)}/s, ${round.away.perSecond.toFixed(0)}/s while Redis is away; converged ${convergedMs.toFixed(0)} ms after`;
    return { round, limits: there.map(({ counts, serverMicros }) => serverMicros / counts.acked), summary };
  });
  const { rounds } = kept;
  if (observers.closed > 0) wrong.push(`${observers.closed} connections to the other node were closed`);
  return {
    ...kept,
    sends: spread(rounds.map(({ there, away }) => away.perSecond / there.perSecond)),
    processor: spread(rounds.map(({ there, away }) => there.serverMicros / away.serverMicros)),
    converged: spread(rounds.map(({ convergedMs }) => convergedMs)),
    faults: wrong,
  };
}

async function versionsOf(databaseUrl: string): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string; version: string }>('select conversation_id as id, version from conversation_head');
  await client.end();
  return new Map(rows.map(({ id, version }) => [id, Number(version)]));
}
