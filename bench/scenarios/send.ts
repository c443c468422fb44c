import { availableParallelism } from 'node:os';
import { providePostgres } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { Load } from '../load/load.ts';
import { commitMillis, postgresCpu } from '../measure.ts';
import { type Bench, faults, type Figures, figures, type Turn, turn } from '../rounds.ts';
import { administer, type Contestant, dropDatabases, type Name, type Setting, startRelay, startTutorial } from '../servers/contestants.ts';
import { startAppend, startProduct } from '../servers/product.ts';

/** S1: a direct message, acked after commit and delivered to the peer, beside a relay (the limit) and the tutorial way. */
export interface SendOptions {
  rounds: number;
  seconds: number;
  conversations: number;
  inFlight: number;
  /** Messages per second for L; undefined: what the first measurements suggest. */
  rate: number | undefined;
  only: readonly Name[];
  /** Once through, short, and only the counts matter. */
  smoke: boolean;
  nodeOptions: readonly string[];
  log(line: string): void;
}

export type Round = Partial<Record<Name, Figures>>;

export interface SendReport extends Kept<Round> {
  rate: number;
  commit: { p50: number; p99: number };
  postgres: string;
  generators: number;
  faults: string[];
}

const START = { relay: startRelay, product: startProduct, append: startAppend, tutorial: startTutorial };

export async function send(options: SendOptions): Promise<SendReport> {
  const postgres = await providePostgres();
  const contestants: Contestant[] = [];
  const generators = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
  const load = new Load(generators);
  try {
    const setting: Setting = { databaseUrl: postgres.url, conversations: options.conversations, nodeOptions: options.nodeOptions };
    for (const name of options.only) {
      options.log(`starting ${name}`);
      const contestant = await START[name](setting);
      contestants.push(contestant);
      if (!contestant.drive) await load.connect(name, [contestant.server.url], contestant.pairs, contestant.numbered);
    }
    const bench = { load, postgresCpu: await postgresCpu(postgres.url) };
    const measured = await measure(bench, contestants, options);
    if (measured.faults.length > 0) for (const { name, server } of contestants) options.log(`${name} said last:\n${server.lastWords}`);
    const commit = await commitMillis(postgres.url, options.smoke ? 50 : 500);
    return { ...measured, commit, generators, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    // The database's process holds no event loop open, and would let ours end before it has stopped.
    const awake = setInterval(() => {}, 1000);
    load.stop();
    for (const { server } of contestants) await server.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Measured = Pick<SendReport, 'rounds' | 'thrownAway' | 'keptInSpite' | 'rate' | 'faults'>;

async function measure(bench: Bench, contestants: readonly Contestant[], options: SendOptions): Promise<Measured> {
  const { seconds, inFlight, smoke, log } = options;
  const wrong: string[] = [];
  const full = async (contestant: Contestant, duration: number): Promise<Turn> => {
    const result = await turn(bench, contestant, { kind: 'closed', seconds: duration, inFlight });
    wrong.push(...faults(contestant.name, result));
    return result;
  };
  // Warm, or the first round would measure the compiler; and what each can take, to choose a rate.
  const most = new Map<Name, number>();
  for (const contestant of contestants) {
    const warm = await full(contestant, smoke ? 0.5 : Math.max(2, seconds));
    most.set(contestant.name, warm.counts.acked / warm.seconds);
    log(`warm: ${contestant.name} ${Math.round(warm.counts.acked / warm.seconds)} messages/s`);
    // A minute later autovacuum would have; until then PostgreSQL plans without knowing how much there is of anything.
    if (contestant.databaseUrl) await administer(contestant.databaseUrl, 'analyze');
  }
  const rate = Math.floor(options.rate ?? chooseRate(most));
  const atRate = async (contestant: Contestant): Promise<Turn[]> => {
    if (contestant.drive) return [];
    // Above what a server can take, latency only says how long one has waited.
    if (rate > 0.9 * (most.get(contestant.name) ?? 0)) return [];
    const result = await turn(bench, contestant, { kind: 'open', seconds, rate });
    wrong.push(...faults(contestant.name, result));
    return [result];
  };

  const order = smoke ? contestants : [...contestants, ...contestants.toReversed()];
  const calm = await calmRounds(smoke ? 1 : options.rounds, log, async () => {
    const turns = new Map(contestants.map(({ name }) => [name, { closed: [] as Turn[], open: [] as Turn[] }]));
    for (const contestant of order) {
      const own = turns.get(contestant.name);
      own?.closed.push(await full(contestant, seconds));
      own?.open.push(...(await atRate(contestant)));
    }
    const round: Round = {};
    for (const [name, { closed, open }] of turns) round[name] = figures(closed, open);
    const limits = (turns.get('relay')?.closed ?? []).map(({ counts, seconds: took }) => counts.acked / took);
    return { round, limits, summary: summary(round) };
  });
  return { ...calm, rate, faults: wrong };
}

/** About 30 % of the relay, but never more than the product (or else the tutorial) takes with ease. */
function chooseRate(most: ReadonlyMap<Name, number>): number {
  const ours = most.get('product') ?? most.get('tutorial') ?? Number.POSITIVE_INFINITY;
  return Math.min(0.3 * (most.get('relay') ?? Number.POSITIVE_INFINITY), 0.6 * ours);
}

function summary(round: Round): string {
  return Object.entries(round)
    .map(([name, { serverMicros, perSecond }]) => `${name} ${serverMicros.toFixed(1)} µs ${Math.round(perSecond)}/s`)
    .join(', ');
}
