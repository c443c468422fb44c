import { setTimeout as pause } from 'node:timers/promises';
import { createDice } from '../support/dice.ts';
import { type Churn, startChurn } from './churn.ts';
import { type Figures, type Growth, growths, judge, type Measured, notReturned, type Sample } from './judge.ts';
import { type JudgedTraffic, startJudgedTraffic } from './judged-traffic.ts';
import { openStage, type Stage } from './stage.ts';

export type SoakOptions = Readonly<{
  minutes: number;
  /** Devices whose messages are judged; beside them one cast for every six does everything else. */
  clients: number;
  /** Between two things that one device or cast does, on average. */
  pauseMs: number;
  seed: number;
  /** A module that is loaded before each node. */
  preload?: string;
  /** Ends the load early; what was measured so far is judged. */
  signal?: AbortSignal;
  log?: (line: string) => void;
}>;

export type SoakReport = Omit<SoakOptions, 'preload' | 'signal' | 'log'> &
  Readonly<{
    nodes: readonly (Measured & Readonly<{ growths: readonly Growth[] }>)[];
    /** How long sends took, of each sample since the one before. */
    sends: readonly Sample[];
    sendGrowths: readonly Growth[];
    done: Churn['done'];
    refused: number;
    judged: JudgedTraffic['totals'];
    /** Of the process that judges. */
    ownHeapMiB: Readonly<{ start: number; end: number }>;
    findings: readonly string[];
  }>;

const MINUTE_MS = 60_000;
const CLIENTS_OF_A_CAST = 6;
/** What grows once, such as caches and compiled code, grows before the start: this share of the run, and so long at most. */
const WARM_SHARE = 0.2;
const LONGEST_WARM_MS = 5 * MINUTE_MS;
const LONGEST_WINDOW_MS = 5 * MINUTE_MS;
const FEWEST_WINDOWS = 3;
const SAMPLES = 20;
const LONGEST_BETWEEN_MS = MINUTE_MS / 2;
/** Idle connections of HTTP are closed after 5 s, those to the database after a minute. */
const LOOK_AGAIN_MS = 6_000;
const RETURNING_MS = 3 * MINUTE_MS;
const MOST_FINDINGS = 100;

/** Two nodes under mixed load for so long: what they held before and hold after it, and how it grew meanwhile. */
export async function runSoak({
  preload,
  signal = new AbortController().signal,
  log = () => {},
  ...options
}: SoakOptions): Promise<SoakReport> {
  const { minutes, clients, pauseMs, seed } = options;
  const totalMs = minutes * MINUTE_MS;
  const findings: string[] = [];
  const finding = (what: string) => {
    if (findings.length < MOST_FINDINGS) findings.push(what);
    log(`finding: ${what}`);
  };
  const stage = await openStage({ casts: Math.ceil(clients / CLIENTS_OF_A_CAST), preload });
  try {
    const { urls, adminUrl, casts, measure } = stage;
    const random = createDice(seed);
    const load = (ms: number, windowSeed: number) => {
      const windowMs = Math.min(ms / FEWEST_WINDOWS, LONGEST_WINDOW_MS);
      const churn = startChurn(casts, { random, pauseMs, finding });
      const judged = startJudgedTraffic({ urls, adminUrl, clients, seed: windowSeed, pauseMs, windowMs, finding });
      return { churn, judged, stop: () => Promise.all([churn.stop(), judged.stop()]) };
    };

    const warmMs = Math.min(totalMs * WARM_SHARE, LONGEST_WARM_MS);
    log(`warms up for ${(warmMs / 1_000).toFixed(0)} s`);
    const warming = load(warmMs, seed);
    await pause(warmMs);
    await warming.stop();
    const start = await untilStill(measure);
    const ownStart = ownHeapMiB();
    log(`starts: ${lineOf(start)}`);

    const loaded = load(totalMs, seed + 1_000);
    const { series, sends } = await sampled(stage, { judged: loaded.judged, totalMs, signal }, (minute, figures, p99Ms) => {
      log(
        `minute ${minute.toFixed(1)} of ${minutes}: ${lineOf(figures)}; p99 of sends ${p99Ms.toFixed(0)} ms; ${findings.length} findings`,
      );
    });
    await loaded.stop();
    log('the load has ended');
    const end = await untilReturned(start, measure);
    log(`ends: ${lineOf(end)}`);
    const measured = start.map((figures, at): Measured => ({ start: figures, series: series.map(of(at)), end: end[at] ?? {} }));
    for (const [at, one] of measured.entries()) for (const what of judge(one)) finding(`node ${at + 1}: ${what}`);
    for (const what of [...stage.ends, ...stage.faultsInLogs()]) finding(what);
    return {
      ...options,
      minutes: series.at(-1)?.minute ?? 0,
      nodes: measured.map((one) => ({ ...one, growths: growths(one.series) })),
      sends,
      sendGrowths: growths(sends),
      done: loaded.churn.done,
      refused: loaded.churn.refused(),
      judged: loaded.judged.totals,
      ownHeapMiB: { start: ownStart, end: ownHeapMiB() },
      findings,
    };
  } finally {
    await stage.stop();
  }
}

type NodesSample = Readonly<{ minute: number; nodes: readonly Figures[] }>;
const of =
  (node: number) =>
  ({ minute, nodes }: NodesSample): Sample => ({ minute, figures: nodes[node] ?? {} });

/** Looks at the nodes from time to time while they are used; ends early where one has gone wrong. */
async function sampled(
  { measure, ends }: Stage,
  { judged, totalMs, signal }: Readonly<{ judged: JudgedTraffic; totalMs: number; signal: AbortSignal }>,
  tell: (minute: number, figures: readonly Figures[], p99Ms: number) => void,
): Promise<Readonly<{ series: NodesSample[]; sends: Sample[] }>> {
  const series: NodesSample[] = [];
  const sends: Sample[] = [];
  const begun = performance.now();
  const betweenMs = Math.min(totalMs / SAMPLES, LONGEST_BETWEEN_MS);
  for (let at = 1; at * betweenMs <= totalMs && ends.length === 0; at += 1) {
    await pause(Math.max(0, begun + at * betweenMs - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const times = judged.takeAttempts().flatMap(({ outcome, ms }) => (outcome === 'ok' ? [ms] : []));
    const minute = (at * betweenMs) / MINUTE_MS;
    const nodes = await measure();
    // What was sent meanwhile had to wait for the collections.
    judged.takeAttempts();
    series.push({ minute, nodes });
    const p99Ms = percentile(times, 0.99);
    if (times.length > 0) sends.push({ minute, figures: { p50Ms: percentile(times, 0.5), p99Ms } });
    if (Math.floor(minute) > Math.floor(minute - betweenMs / MINUTE_MS)) tell(minute, nodes, p99Ms);
  }
  return { series, sends };
}

/** Waits until nothing is to be done any more and two looks show the same connections. */
async function untilStill(measure: Stage['measure']): Promise<readonly Figures[]> {
  const connections = (nodes: readonly Figures[]) =>
    nodes.map(({ sockets, descriptors, handles }) => [sockets, descriptors, handles]).join();
  const isBusy = ({ outboxDue = 0, jobsWaiting = 0, jobsRunning = 0 }: Figures) => outboxDue + jobsWaiting + jobsRunning > 0;
  return lastOf(measure, (before, now) => before !== undefined && connections(before) === connections(now) && !now.some(isBusy));
}

const untilReturned = (start: readonly Figures[], measure: Stage['measure']): Promise<readonly Figures[]> =>
  lastOf(measure, (_, now) => now.every((end, at) => notReturned({ start: start[at] ?? {}, end }).length === 0));

/** The first that will do, or the last within three minutes. */
async function lastOf(
  measure: Stage['measure'],
  will: (before: readonly Figures[] | undefined, now: readonly Figures[]) => boolean,
): Promise<readonly Figures[]> {
  const deadline = performance.now() + RETURNING_MS;
  for (let before: readonly Figures[] | undefined; ; ) {
    const now = await measure();
    if (will(before, now) || performance.now() > deadline) return now;
    before = now;
    await pause(LOOK_AGAIN_MS);
  }
}

/** The figures that people look at, node by node. */
function lineOf(nodes: readonly Figures[]): string {
  const each = (figure: string, digits = 0) => nodes.map(({ [figure]: value }) => (value ?? Number.NaN).toFixed(digits)).join('/');
  const named = [
    `heap ${each('heapMiB', 1)} MiB`,
    `resident ${each('rssMiB')} MiB`,
    `descriptors ${each('descriptors')}`,
    `sockets ${each('sockets')}`,
    `timers ${each('timers')}`,
    `rooms ${each('rooms')}`,
    `people ${each('connectedUsers')}`,
    `database connections ${each('databaseConnections')}`,
    `due events ${each('outboxDue')}`,
  ];
  return named.join(', ');
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const ownHeapMiB = (): number => process.memoryUsage().heapUsed / 1024 ** 2;
