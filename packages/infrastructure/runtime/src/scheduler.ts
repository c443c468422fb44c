import type { JobReport } from '@coucou/application/kernel/job';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Due } from '@coucou/application/kernel/timing';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Stopping } from '@coucou/application/ports/schedules';
import type { Logger } from 'pino';
import type { ClaimedRun, RunEnd, ScheduleStore } from './schedule-store.ts';

/** A job that has its ports. */
export type ScheduledJob = Due & Readonly<{ name: string; run: (stopping: Stopping) => Promise<JobReport> }>;

export type SchedulerOptions = Readonly<{
  store: ScheduleStore;
  jobs: readonly ScheduledJob[];
  /** The name of this node. */
  node: string;
  metrics: Metrics;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  timers?: Timers;
  /** How long what another node or a person made due goes unnoticed, at most, in milliseconds. */
  lookEveryMs?: number;
  /** A run that takes longer hangs, and is left to another node; in milliseconds. */
  longestRunMs?: number;
}>;

/** Milliseconds; a simulation has its own. */
export type Timers = Readonly<{ now: () => number; after: (ms: number, work: () => void) => () => void }>;

export interface Scheduler {
  start(): void;
  /** Looks at once whether something is due. */
  wake(): void;
  /** Asks what runs to end, and waits for it; another node goes on with it. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 10_000;
const LOOK_SOONEST_MS = 100;
const LONGEST_RUN_MS = 6 * 3_600_000;

const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  },
};

type Running = Readonly<{ run: ClaimedRun; stop: AbortController; since: number }> & {
  isLost: boolean;
  /** Its end is being written: from then on it holds no lease. */
  isEnding: boolean;
};

/**
 * Runs jobs as they come due, of which each is run by one node at a time. All times, those of leases too, are by the clock of the database: the
 * clocks of nodes decide nothing.
 */
export function createScheduler({
  store,
  jobs,
  node,
  metrics,
  log,
  timers = systemTimers,
  lookEveryMs = LOOK_EVERY_MS,
  longestRunMs = LONGEST_RUN_MS,
}: SchedulerOptions): Scheduler {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const names = [...byName.keys()];
  const running = new Map<string, Running>();
  const ending = new Set<Promise<void>>();
  let isDeclared = false;
  let isStopped = false;
  let isFailing = false;
  let cancelLook = () => {};
  let lookAt = Number.POSITIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let isKeeping = false;

  function lookIn(ms: number): void {
    const at = timers.now() + Math.max(ms, LOOK_SOONEST_MS);
    if (isStopped || at >= lookAt) return;
    cancelLook();
    lookAt = at;
    cancelLook = timers.after(at - timers.now(), look);
  }

  function look(): void {
    cancelLook();
    lookAt = Number.POSITIVE_INFINITY;
    // After the one that is under way, which may have looked too early.
    if (looking !== undefined) return lookIn(LOOK_SOONEST_MS);
    looking = claim().finally(() => {
      looking = undefined;
    });
  }

  async function claim(): Promise<void> {
    let waitMs: number | undefined;
    try {
      if (!isDeclared) await store.declare(jobs);
      isDeclared = true;
      const claimed = await store.claim(names, node);
      ({ waitMs } = claimed);
      for (const run of claimed.runs) begin(run);
      isFailing = false;
    } catch (error) {
      // The database may be away for a while.
      if (!isFailing) log.warn({ err: loggableError(error) }, 'the schedules cannot be read: no job is begun until they can');
      isFailing = true;
    }
    lookIn(Math.min(waitMs ?? lookEveryMs, lookEveryMs));
  }

  function begin(run: ClaimedRun): void {
    const job = byName.get(run.name);
    if (job === undefined) return;
    if (run.takenFrom !== undefined)
      log.warn(
        { job: run.name, from: run.takenFrom, attempts: run.attempts },
        'a node said nothing for longer than its lease: its job is run here',
      );
    const mine: Running = { run, stop: new AbortController(), since: timers.now(), isLost: false, isEnding: false };
    if (isStopped) mine.stop.abort();
    running.set(run.id, mine);
    keepSoon();
    const end = carryOut(job, mine).finally(() => {
      running.delete(run.id);
      ending.delete(end);
    });
    ending.add(end);
  }

  async function carryOut(job: ScheduledJob, mine: Running): Promise<void> {
    const { run, stop, since } = mine;
    const outcome = await outcomeOf(job, mine);
    mine.isEnding = true;
    const isKept = outcome !== undefined && (await ended(run, outcome));
    const named = isKept ? outcome.outcome : 'lost';
    metrics.counter(catalogue.jobRuns, { schedule: run.name, outcome: named }).add();
    metrics.histogram(catalogue.jobDuration, { schedule: run.name }).observe((timers.now() - since) / 1_000);
    if (named === 'lost')
      log.warn({ job: run.name }, 'the run of a job was lost: this node said nothing for longer than its lease, or the database was away');
    else if (outcome?.outcome === 'done' && Object.values(outcome.report).some((count) => count > 0))
      log.info({ job: run.name, ...outcome.report }, 'job done');
    stop.abort();
  }

  /** Undefined where the run was lost. */
  async function outcomeOf(job: ScheduledJob, { run, stop }: Running): Promise<RunEnd | undefined> {
    // From when it began: a time that has passed since is missed, and caught up by the next run.
    const next = job.next(new Date(Math.max(run.startedAt.getTime(), run.dueAt.getTime())));
    try {
      let report: JobReport = {};
      const isKept = await store.effect(run, async () => {
        report = await job.run(stop.signal);
      });
      if (!isKept) return undefined;
      return stop.signal.aborted ? { outcome: 'stopped' } : { outcome: 'done', next, report };
    } catch (error) {
      log.error({ job: run.name, err: loggableError(error), attempts: run.attempts }, 'a job failed; it is tried again');
      return { outcome: 'failed', next, error: error instanceof Error ? error.message : String(error) };
    }
  }

  async function ended(run: ClaimedRun, end: RunEnd): Promise<boolean> {
    try {
      const waitMs = await store.end(run, end);
      if (waitMs !== undefined) lookIn(waitMs);
      return waitMs !== undefined;
    } catch (error) {
      log.warn({ job: run.name, err: loggableError(error) }, 'the end of a job could not be written: it is run again');
      return false;
    }
  }

  function keepSoon(): void {
    if (isKeeping) return;
    isKeeping = true;
    timers.after(store.leaseMs / 3, () => void keep());
  }

  /** Extends the leases of what runs. A run that was lost is asked to end, and so is one that hangs, whose lease runs out. */
  async function keep(): Promise<void> {
    const [hanging, alive] = [[] as Running[], [] as Running[]];
    for (const each of running.values()) (timers.now() - each.since > longestRunMs ? hanging : alive).push(each);
    for (const each of hanging) lose(each, 'a job hangs: its lease is not extended any more');
    const kept = alive.length === 0 ? undefined : await store.renew(alive.map(({ run }) => run.id)).catch(() => undefined);
    const gone = kept === undefined ? [] : alive.filter(({ run, isEnding }) => !isEnding && !kept.has(run.id));
    for (const each of gone) lose(each, 'the run of a job was taken by another node');
    isKeeping = false;
    if (running.size > 0) keepSoon();
  }

  function lose(each: Running, why: string): void {
    if (!each.isLost) log.error({ job: each.run.name }, why);
    each.isLost = true;
    each.stop.abort();
  }

  return {
    start: look,
    wake: look,
    async stop() {
      isStopped = true;
      cancelLook();
      await looking;
      for (const { stop } of running.values()) stop.abort();
      await Promise.all(ending);
    },
  };
}
