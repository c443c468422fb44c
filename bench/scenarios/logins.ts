import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HASH_PARAMETERS, HASHES_AT_ONCE } from '@coucou/security/password-hasher';
import argon2 from 'argon2';
import { providePostgres } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { Load, mergeSamples } from '../load/load.ts';
import { LoginLoad, type LoginPerson, type LoginPhase } from '../load/logins.ts';
import { percentile } from '@coucou/server/load/percentile';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { type Bench, faults, type Turn, turn } from '../rounds.ts';
import { administer, createDatabase, dropDatabases } from '../servers/contestants.ts';
import type { HashingAnswer } from '../servers/hashing.ts';
import { openPairs, startServer } from '../servers/product.ts';
import { OWN_CLI } from '../servers/seeded.ts';
import { ServerProcess } from '../servers/start.ts';

/**
 * S10: logins a second over HTTP beside a raw argon2 loop, and what messages wait for while more logins arrive than can be hashed, beside
 * the same messages without them, and beside the same messages while the loop hashes in a process of its own: the cost of
 * hashing on the same cores, independent of the server.
 */
export type LoginsOptions = Readonly<{
  rounds: number;
  seconds: number;
  conversations: number;
  /** Messages a second. */
  rate: number;
  /** Logins a second. */
  logins: number;
  smoke: boolean;
  nodeOptions: readonly string[];
  log(line: string): void;
}>;

export type LoginsRound = Readonly<{
  /** A second: hashes of the loop, and logins. */
  raw: number;
  product: number;
  /** Milliseconds of messages, and of what the flood was answered. */
  quiet: Latency;
  besideLoop: Latency;
  flooded: Latency;
  admittedPerSecond: number;
  refusedPerSecond: number;
  refusal: Latency;
  admission: Latency;
  /** Processor microseconds: of a hash of the loop; of the server and of PostgreSQL for a login, on average of the closed loop. */
  rawMicros: number;
  serverMicros: number;
  postgresMicros: number | undefined;
}>;
type Latency = Readonly<{ p50: number; p99: number }>;

export type LoginsReport = Kept<LoginsRound> &
  Readonly<{
    postgres: string;
    hashesAtOnce: number;
    rate: number;
    logins: number;
    ratio: Spread;
    /** p99 of messages in the flood, and beside the loop, divided by that of messages alone. */
    messageRatio: Spread;
    loopRatio: Spread;
    faults: string[];
  }>;

/** Logins in flight of the closed loop: enough that the hasher never waits for one. */
const AT_ONCE = 8;
const PEOPLE = 2_000;
const PASSWORD = 'correct horse battery';

export async function logins(options: LoginsOptions): Promise<LoginsReport> {
  const postgres = await providePostgres();
  const load = new Load(1);
  const servers: ServerProcess[] = [];
  let logIns: LoginLoad | undefined;
  try {
    const url = await createDatabase(postgres.url, 'logins');
    // Everybody calls from an address of their own, as a proxy would say, and the limits of wrong passwords are those of a new server.
    const settings = { TRUST_PROXY: '127.0.0.1', LIMIT_LOGIN: undefined };
    const server = await startServer(url, options.nodeOptions, { settings });
    servers.push(server);
    options.log('signing people up');
    await load.connect('product', [server.url], await openPairs(server.url, options.conversations), true);
    logIns = new LoginLoad(server.url, await importPeople(url, options.smoke ? 200 : PEOPLE));
    await administer(url, 'vacuum analyze');
    const hashing = await ServerProcess.start(new URL('../servers/hashing.ts', import.meta.url));
    servers.push(hashing);
    const bench = { load, postgresCpu: await postgresCpu(postgres.url) };
    const measured = await measure({ bench, server, hashing, logIns }, options);
    if (measured.faults.length > 0) options.log(`the product said last:\n${server.lastWords}`);
    const { rate, logins: perSecond } = options;
    const about = {
      postgres: `PostgreSQL ${postgres.version} (${postgres.source})`,
      hashesAtOnce: HASHES_AT_ONCE,
      rate,
      logins: perSecond,
    };
    return { ...measured, ...about };
  } finally {
    const awake = setInterval(() => {}, 1000);
    load.stop();
    logIns?.close();
    for (const server of servers) await server.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['logins']);
    await postgres.stop();
    clearInterval(awake);
  }
}

/** People by `cli import-users`, with one hash for all: to sign each up would take a hash of its own. */
async function importPeople(databaseUrl: string, many: number): Promise<LoginPerson[]> {
  const passwordHash = await argon2.hash(PASSWORD, HASH_PARAMETERS);
  const people = Array.from({ length: many }, (_, at) => ({
    username: `login_${at}`,
    password: PASSWORD,
    address: `10.0.${at >> 8}.${at & 255}`,
  }));
  const directory = await mkdtemp(path.join(tmpdir(), 'coucou-bench-'));
  try {
    const file = path.join(directory, 'people.ndjson');
    await writeFile(file, people.map(({ username }) => `${JSON.stringify({ username, passwordHash })}\n`).join(''));
    const env = { ...process.env, DATABASE_URL: databaseUrl, DATABASE_OWNER_URL: databaseUrl, NODE_ENV: 'development' };
    await promisify(execFile)(process.execPath, [OWN_CLI, 'import-users', file], { env });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return people;
}

type Stand = Readonly<{ bench: Bench; server: ServerProcess; hashing: ServerProcess; logIns: LoginLoad }>;
type LoginTurn = LoginPhase & Readonly<{ serverMicros: number; postgresMicros: number | undefined }>;
type Hashing = HashingAnswer & Readonly<{ micros: number }>;
type Turns = { raw: Hashing[]; product: LoginTurn[]; quiet: Turn[]; besideLoop: Turn[]; flooded: Turn[]; flood: LoginPhase[] };

async function measure({ bench, server, hashing, logIns }: Stand, options: LoginsOptions) {
  const { seconds, rate, smoke, log } = options;
  const wrong: string[] = [];
  const messages = async (name: string): Promise<Turn> => {
    const result = await turn(bench, { name: 'product', server }, { kind: 'open', seconds, rate });
    wrong.push(...faults(name, result));
    return result;
  };
  const ways: Record<'raw' | 'product' | 'quiet' | 'besideLoop' | 'flooded', (turns: Turns) => Promise<void>> = {
    async raw({ raw }) {
      const before = await hashing.cpuMicros();
      const answer = await hashing.ask<HashingAnswer>({ seconds });
      raw.push({ ...answer, micros: (await hashing.cpuMicros()) - before });
    },
    async product({ product }) {
      const [serverBefore, postgresBefore] = [await server.cpuMicros(), bench.postgresCpu?.()];
      const phase = await logIns.closed({ seconds, atOnce: AT_ONCE });
      const postgresMicros = postgresBefore === undefined ? undefined : (bench.postgresCpu?.() ?? 0) - postgresBefore;
      product.push({ ...phase, serverMicros: (await server.cpuMicros()) - serverBefore, postgresMicros });
      wrong.push(...phase.unexpected.map((answer) => `a login was answered ${answer}`));
      if (phase.refused.length > 0) wrong.push(`${phase.refused.length} logins of ${AT_ONCE} at once were refused`);
    },
    async quiet({ quiet }) {
      quiet.push(await messages('quiet'));
    },
    async besideLoop({ besideLoop }) {
      const hashed = hashing.ask<HashingAnswer>({ seconds: seconds + 0.5 });
      besideLoop.push(await messages('beside the loop'));
      await hashed;
    },
    async flooded({ flooded, flood }) {
      const arriving = logIns.flood(options.logins);
      // What is measured is the flood, not how it fills the queue.
      await arriving.full;
      arriving.restart();
      flooded.push(await messages('flooded'));
      const phase = await arriving.stop();
      flood.push(phase);
      wrong.push(...phase.unexpected.map((answer) => `a login of the flood was answered ${answer}`));
      if (phase.admitted.length === 0) wrong.push('nobody of the flood was logged in');
      if (phase.refused.length === 0) wrong.push('nobody of the flood was refused');
      // After the flood a login must be admitted again.
      const after = await logIns.closed({ seconds: 0.001, atOnce: 1 });
      if (after.admitted.length !== 1) wrong.push('after the flood a login was refused');
    },
  };
  const none = (): Turns => ({ raw: [], product: [], quiet: [], besideLoop: [], flooded: [], flood: [] });
  const once = ['raw', 'product', 'quiet', 'besideLoop', 'flooded'] as const;
  // Warm, or the first round would measure the compiler.
  if (!smoke) for (const way of once) await ways[way](none());
  const calm = await calmRounds(smoke ? 1 : options.rounds, log, async () => {
    const turns = none();
    for (const way of smoke ? once : [...once, ...once.toReversed()]) {
      await ways[way](turns);
      // What the last one left to do afterwards: batches that are written later, memory that is freed.
      await sleep(smoke ? 0 : 200);
    }
    const round = roundOf(turns);
    return { round, limits: turns.raw.map(({ hashes, seconds: took }) => hashes / took), summary: summary(round) };
  });
  const { rounds } = calm;
  return {
    ...calm,
    ratio: spread(rounds.map(({ product, raw }) => product / raw)),
    messageRatio: spread(rounds.map(({ flooded, quiet }) => flooded.p99 / quiet.p99)),
    loopRatio: spread(rounds.map(({ besideLoop, quiet }) => besideLoop.p99 / quiet.p99)),
    faults: wrong,
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const latencyOf = (samples: Float64Array): Latency => ({ p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) });

const latencyOfMessages = (turns: readonly Turn[]): Latency => latencyOf(mergeSamples(turns.map(({ samples }) => samples)).both);

function roundOf({ raw, product, quiet, besideLoop, flooded, flood }: Turns): LoginsRound {
  const loggedIn = sum(product.map(({ admitted }) => admitted.length));
  const floodSeconds = sum(flood.map(({ seconds }) => seconds));
  const floodOf = (pick: (phase: LoginPhase) => number[]) => Float64Array.from(flood.flatMap(pick));
  const refused = floodOf((phase) => phase.refused);
  const admitted = floodOf((phase) => phase.admitted);
  const postgres = product.flatMap(({ postgresMicros }) => postgresMicros ?? []);
  return {
    raw: sum(raw.map(({ hashes }) => hashes)) / sum(raw.map(({ seconds }) => seconds)),
    product: loggedIn / sum(product.map(({ seconds }) => seconds)),
    quiet: latencyOfMessages(quiet),
    besideLoop: latencyOfMessages(besideLoop),
    flooded: latencyOfMessages(flooded),
    admittedPerSecond: admitted.length / floodSeconds,
    refusedPerSecond: refused.length / floodSeconds,
    refusal: latencyOf(refused),
    admission: latencyOf(admitted),
    rawMicros: sum(raw.map(({ micros }) => micros)) / sum(raw.map(({ hashes }) => hashes)),
    serverMicros: sum(product.map(({ serverMicros }) => serverMicros)) / loggedIn,
    postgresMicros: postgres.length < product.length ? undefined : sum(postgres) / loggedIn,
  };
}

const summary = ({ raw, product, quiet, besideLoop, flooded, refusedPerSecond, refusal }: LoginsRound): string =>
  `${product.toFixed(1)} logins/s, loop ${raw.toFixed(1)}/s; messages p99 ${quiet.p99.toFixed(1)} ms,` +
  ` beside the loop ${besideLoop.p99.toFixed(1)} ms, in the flood ${flooded.p99.toFixed(1)} ms;` +
  ` ${Math.round(refusedPerSecond)}/s refused, p99 ${refusal.p99.toFixed(0)} ms`;
