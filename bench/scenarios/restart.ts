import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { providePostgres, startRedis } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { calm } from '../load/crowd.ts';
import { Load } from '../load/load.ts';
import { ratesOf, type Return, ReturningClient, waitMs } from '../load/returning.ts';
import { percentile } from '@coucou/server/load/percentile';
import { type Spread, spread } from '../measure.ts';
import { faults, turn } from '../rounds.ts';
import { createDatabase, dropDatabases } from '../servers/contestants.ts';
import { type Group, openGroups, openPairsByKey, postMessages, severalAtOnce, startServer } from '../servers/product.ts';
import type { Exit, ServerProcess } from '../servers/start.ts';

/**
 * One of two nodes is restarted under the sockets of half the crowd. All of them come back at the other node, as behind a balancer that has
 * noticed: while the first node is away it is the only one, and nobody comes back late because of a node that is not there. Messages go into
 * their conversations meanwhile, and between other clients of the node that stays. Beside what admission lets in when as many come at once.
 */
export type RestartOptions = Readonly<{
  rounds: number;
  clients: number;
  /** Of messages between the bystanders, before the restart and during it. */
  seconds: number;
  rate: number;
  smoke: boolean;
  nodeOptions: readonly string[];
  log(line: string): void;
}>;

export type RestartRound = Readonly<{
  /** In ms from when a client's own connection was closed until it had synced. */
  away: Readonly<{ p50: number; p95: number; max: number }>;
  /** In ms from the signal until the last of them had synced. */
  allBack: number;
  refusals: number;
  /** Messages that each of them got by its sync. */
  synced: number;
  exit: Exit;
  /** Connects per second of as many clients that come to the other node at once, before and after. */
  perSecond: number;
  /** The bystanders' p99 of deliveries in ms. */
  before: number;
  during: number;
}>;
export type RestartReport = Kept<RestartRound> &
  Readonly<{
    postgres: string;
    clients: number;
    /** Of them, those at the node that is restarted. */
    returning: number;
    /** p95 ÷ the time that as many connects take. */
    toAdmission: Spread;
    /** The bystanders' p99, during ÷ before. */
    bystanders: Spread;
    faults: string[];
  }>;

const SIZE = 20;
const CONVERSATIONS = 5;
/** Pairs of bystanders. */
const PAIRS = 25;
/** As docs/guides/operate.md promises. */
const EXIT_WITHIN_MS = 15_000;
/** What comes late, if at all, has come. */
const SETTLE_MS = 1_000;
const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };

export async function restart(options: RestartOptions): Promise<RestartReport> {
  const { log } = options;
  const postgres = await providePostgres();
  const redis = await startRedis();
  const load = new Load(1);
  const nodes: ServerProcess[] = [];
  const awake = setInterval(() => {}, 1000);
  try {
    const databaseUrl = await createDatabase(postgres.url, 'restart');
    const secret = randomBytes(32).toString('hex');
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, REDIS_URL: redis.url, SECRET_KEY: secret };
    const start = async (): Promise<ServerProcess> => {
      const node = await startServer(databaseUrl, options.nodeOptions, { settings });
      nodes.push(node);
      return node;
    };
    const other = await start();
    log(`making ${options.clients + 2 * PAIRS} people`);
    const groups = await openGroups(other.url, OWNER, {
      groups: Math.ceil(options.clients / SIZE),
      size: SIZE,
      conversations: CONVERSATIONS,
    });
    await load.connect('bystanders', [other.url], await openPairsByKey(other.url, OWNER, PAIRS), true);
    const measured = await measure({ load, other, start, groups }, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    load.stop();
    for (const node of nodes) await node.stop();
    await redis.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['restart']);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Stand = Readonly<{ load: Load; other: ServerProcess; start: () => Promise<ServerProcess>; groups: readonly Group[] }>;

/** A client, and the messages that it got by syncs since the round began. */
type Person = Readonly<{ client: ReturningClient; synced: string[] }>;
/** One group, half of it at each node. */
type Crowd = Readonly<{ group: Group; returning: readonly Person[]; staying: readonly Person[] }>;

async function measure({ load, other, start, groups }: Stand, { rounds: count, seconds, rate, smoke, log }: RestartOptions) {
  const wrong: string[] = [];
  const crowds = groups.map(crowdOf);
  const returning = crowds.flatMap((crowd) => crowd.returning);
  const everybody = crowds.flatMap((crowd) => [...crowd.returning, ...crowd.staying]);

  const storm = async (): Promise<number> => {
    for (const { client } of returning) client.cut();
    await calm([other], everybody.length);
    const begun = performance.now();
    return ratesOf(await Promise.all(returning.map((person) => comeBack(person, other.url))), begun).perSecond;
  };
  const talk = async (): Promise<number> => {
    const bystanders = { name: 'bystanders', server: other };
    const result = await turn({ load, postgresCpu: undefined }, bystanders, { kind: 'open', seconds, rate });
    wrong.push(...faults(bystanders.name, result));
    return percentile(result.samples.delivery, 0.99);
  };
  const restarted = async (): Promise<Omit<RestartRound, 'perSecond'>> => {
    const node = await start();
    for (const { client } of returning) client.cut();
    await comeAll(node.url, returning);
    await calm([node, other], everybody.length);
    const before = await talk();
    for (const person of everybody) takeGot(person);
    const begun = performance.now();
    const [during, exit, moves] = await Promise.all([talk(), node.stop(), Promise.all(crowds.map((crowd) => move(crowd, other.url)))]);
    await sleep(SETTLE_MS);
    wrong.push(...judge(crowds, moves, exit));
    const returns = moves.flatMap((each) => each.returns);
    const away = Float64Array.from(returns, (each) => each.syncedAt - each.closedAt);
    return {
      away: { p50: percentile(away, 0.5), p95: percentile(away, 0.95), max: percentile(away, 1) },
      allBack: Math.max(...returns.map(({ syncedAt }) => syncedAt)) - begun,
      refusals: returns.reduce((sum, { refusals }) => sum + refusals, 0),
      synced: returns.reduce((sum, { synced }) => sum + synced, 0) / returns.length,
      exit,
      before,
      during,
    };
  };

  await comeAll(other.url, everybody);
  // Once each, so that nothing is compiled while it is measured.
  if (!smoke) for (const warm of [storm, talk]) await warm();
  const kept = await calmRounds(smoke ? 1 : count, log, async () => {
    const first = await storm();
    const figures = await restarted();
    const second = await storm();
    const round: RestartRound = { ...figures, perSecond: 2 / (1 / first + 1 / second) };
    const { away, exit, before, during, perSecond } = round;
    const summary = `back after p95 ${away.p95.toFixed(0)} ms, ${perSecond.toFixed(0)} connects/s, exit ${exit.code} after ${exit.ms.toFixed(0)} ms, bystanders' p99 ${before.toFixed(1)} and ${during.toFixed(1)} ms`;
    return { round, limits: smoke ? [] : [first, second], summary };
  });
  const ended = everybody.reduce((sum, { client }) => sum + client.lost, 0);
  if (ended > 0) wrong.push(`${ended} connections ended that nobody cut`);
  return {
    ...kept,
    clients: everybody.length,
    returning: returning.length,
    toAdmission: spread(kept.rounds.map(({ away, perSecond }) => (away.p95 * perSecond) / (returning.length * 1000))),
    bystanders: spread(kept.rounds.map(({ before, during }) => during / before)),
    faults: wrong,
  };
}

function crowdOf(group: Group): Crowd {
  const people = group.members.map(({ auth }): Person => ({ client: new ReturningClient(auth), synced: [] }));
  return { group, returning: people.filter((_, at) => at % 2 === 0), staying: people.filter((_, at) => at % 2 === 1) };
}

type Back = Pick<Return, 'connectedAt' | 'syncedAt' | 'refusals'> & Readonly<{ synced: number }>;

async function comeBack({ client, synced }: Person, url: string, attempt?: number): Promise<Back> {
  const { answers, ...times } = await client.comeBack(url, attempt);
  const missed = answers.flatMap((answer) => client.learn(answer));
  synced.push(...missed);
  return { ...times, synced: missed.length };
}

const comeAll = (url: string, people: readonly Person[]): Promise<unknown> =>
  severalAtOnce(people.length, async (at) => {
    const person = people[at];
    if (person) await comeBack(person, url);
  });

/** What a client got since it was asked last, by syncs and as events. */
const takeGot = ({ client, synced }: Person): string[] => [...synced.splice(0), ...client.takeHeard()];

type Move = Readonly<{
  posted: readonly string[];
  returns: readonly (Back & Readonly<{ closedAt: number; reason: string | undefined }>)[];
}>;

/** A group whose members are sent away: one message when the first of them is, another when all are, and everybody back as the guide says. */
async function move({ group, returning }: Crowd, url: string): Promise<Move> {
  const leaving = returning.map((person) => ({ person, goodbye: person.client.sentAway() }));
  const goodbyes = leaving.map(({ goodbye }) => goodbye);
  const postInto = (at: number) => postMessages(url, [{ ...group, conversationIds: group.conversationIds.slice(at, at + 1) }], 1);
  const posting = Promise.all([Promise.race(goodbyes).then(() => postInto(0)), Promise.all(goodbyes).then(() => postInto(1))]);
  const returns = leaving.map(async ({ person, goodbye }) => {
    const { at, reason, retryAfterMs } = await goodbye;
    await sleep(waitMs(0, retryAfterMs));
    return { ...(await comeBack(person, url, 1)), closedAt: at, reason };
  });
  const [posted, back] = await Promise.all([posting, Promise.all(returns)]);
  return { posted: posted.flat(2), returns: back };
}

/** Everybody has everything once, was told to come back, and the node has ended well and in time. */
function judge(crowds: readonly Crowd[], moves: readonly Move[], { code, ms }: Exit): string[] {
  const wrong: string[] = [];
  let [lost, twice] = [0, 0];
  for (const [at, { returning, staying }] of crowds.entries())
    for (const person of [...returning, ...staying]) {
      const got = takeGot(person);
      lost += (moves[at]?.posted ?? []).filter((each) => !got.includes(each)).length;
      twice += got.length - new Set(got).size;
    }
  const untold = moves.flatMap(({ returns }) => returns).filter(({ reason }) => reason !== 'server_draining').length;
  if (lost > 0) wrong.push(`${lost} messages did not come`);
  if (twice > 0) wrong.push(`${twice} messages came twice`);
  if (untold > 0) wrong.push(`${untold} connections ended without being told that the server drains`);
  if (code !== 0) wrong.push(`the node ended with ${code ?? 'a signal'} instead of 0`);
  if (ms > EXIT_WITHIN_MS) wrong.push(`the node ended after ${(ms / 1000).toFixed(1)} s instead of ${EXIT_WITHIN_MS / 1000}`);
  return wrong;
}
