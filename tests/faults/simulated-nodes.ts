import type { Due } from '@coucou/application/kernel/timing';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { createScheduleStore } from '@coucou/postgres/schedules/schedule-store';
import type { ClaimedRun, ScheduleStore } from '@coucou/runtime/schedule-store';
import { createScheduler, type Scheduler, type Timers } from '@coucou/runtime/scheduler';
import type { TestStorage } from '../storage/test-storage.ts';
import { createDice } from '../support/dice.ts';
import type { SimulatedClock } from '../support/simulated-clock.ts';

/** What the simulation looks at in the end. */
export type Ledger = {
  /** Runs that a node was told were done, in order. */
  done: ClaimedRun[];
  /**
   * Ids of runs, in the order in which their work was written in the database; `isHeld`: nobody had taken the job over by then.
   */
  written: { name: string; id: string; dueAt: number; isHeld: boolean }[];
  /** What nodes logged. */
  errors: string[];
  counts: { deaths: number; pauses: number; taken: number; fenced: number; stopped: number; hung: number };
};

/** `asks`: whether it ends early when it is told to. */
export type SimulatedJob = Due & Readonly<{ name: string; asks: boolean }>;

type Task = { at: number; order: number; node: Node | undefined; work: () => void; isCancelled: boolean };
type Node = { name: string; rate: number; isDead: boolean; pausedUntil: number };

/** Virtual time: what waits is worked off in its order, one after the other, each to its end. */
function createTime(start: number, tell: (now: number) => Promise<void>) {
  const tasks: Task[] = [];
  let now = start;
  let orders = 0;
  let busy = 0;
  return {
    now: () => now,
    after(ms: number, node: Node | undefined, work: () => void): () => void {
      const task: Task = { at: now + ms, order: (orders += 1), node, work, isCancelled: false };
      tasks.push(task);
      return () => void (task.isCancelled = true);
    },
    /** Work that really takes time: virtual time stands still meanwhile. */
    async really<T>(work: () => Promise<T>): Promise<T> {
      busy += 1;
      try {
        await tell(now);
        return await work();
      } finally {
        busy -= 1;
      }
    },
    /** Until nothing goes on but by virtual time. */
    async settled(): Promise<void> {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (busy === 0) return;
      }
    },
    next(): Task | undefined {
      for (;;) {
        const first = tasks.reduce<Task | undefined>(
          (best, task) => (best === undefined || task.at < best.at || (task.at === best.at && task.order < best.order) ? task : best),
          undefined,
        );
        if (first === undefined) return undefined;
        tasks.splice(tasks.indexOf(first), 1);
        if (first.isCancelled || first.node?.isDead === true) continue;
        // A node that is paused does nothing, and then all at once.
        if (first.node !== undefined && first.node.pausedUntil > first.at) {
          first.at = first.node.pausedUntil;
          tasks.push(first);
          continue;
        }
        now = Math.max(now, first.at);
        return first;
      }
    },
  };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The share of runs in which a node meets its fate. */
const FAULTY = 0.12;
/** The share of runs that take longer than a run may. */
const HANGING = 0.01;
const LONGEST_RUN_MS = 10 * MINUTE;

export type SimulationOptions = Readonly<{
  storage: TestStorage;
  account: AccountId;
  clock: SimulatedClock;
  jobs: readonly SimulatedJob[];
  seed: number;
  from: Date;
  to: Date;
}>;

/**
 * Schedulers of two nodes on one database, from one time to another. They die in the middle of runs, stop, stand still for longer than a lease
 * and go on; both are away for hours; their clocks go too fast and too slow, and that of the database is put forward and back.
 */
export async function simulate({ storage, account, clock, jobs, seed, from, to }: SimulationOptions): Promise<Ledger> {
  const roll = createDice(seed);
  const between = (low: number, high: number): number => low + Math.floor(roll() * (high - low));
  /** How far the clock of the database is off, in milliseconds. */
  let skew = 0;
  let told = Number.NaN;
  const time = createTime(from.getTime(), async (now) => {
    if (now + skew !== told) await clock.moveTo(new Date((told = now + skew)));
  });
  const ledger: Ledger = { done: [], written: [], errors: [], counts: { deaths: 0, pauses: 0, taken: 0, fenced: 0, stopped: 0, hung: 0 } };

  /** The run that claimed each job last, on whichever node. */
  const holders = new Map<string, string>();

  async function startNode(name: string): Promise<void> {
    const node: Node = { name, rate: 0.95 + roll() / 10, isDead: false, pausedUntil: 0 };
    const sleep = (ms: number) => new Promise<void>((resolve) => void time.after(ms, node, resolve));
    const timers: Timers = { now: () => time.now() * node.rate, after: (ms, work) => time.after(ms / node.rate, node, work) };
    const real = createScheduleStore(storage.main);
    const current = new Map<string, ClaimedRun>();
    const store: ScheduleStore = {
      leaseMs: real.leaseMs,
      declare: (all) => time.really(() => real.declare(all)),
      async claim(names) {
        const claimed = await time.really(() => real.claim(names, name));
        for (const run of claimed.runs) {
          current.set(run.name, run);
          holders.set(run.name, run.id);
          if (run.takenFrom !== undefined) ledger.counts.taken += 1;
        }
        return claimed;
      },
      renew: (ids) => time.really(() => real.renew(ids)),
      async effect(run, work) {
        const isKept = await real.effect(run, work);
        if (!isKept) ledger.counts.fenced += 1;
        return isKept;
      },
      async end(run, end) {
        // The answer to the work, or the node, may be long in coming.
        await sleep(between(0, 3 * SECOND));
        const waitMs = await time.really(() => real.end(run, end));
        if (end.outcome === 'stopped') ledger.counts.stopped += 1;
        else if (waitMs !== undefined) ledger.done.push(run);
        return waitMs;
      },
    };
    const scheduler = createScheduler({
      store,
      timers,
      node: name,
      metrics: noMetrics,
      log: { info: () => {}, warn: () => {}, error: (_: object, text?: string) => void ledger.errors.push(text ?? '') },
      lookEveryMs: 6 * HOUR,
      longestRunMs: LONGEST_RUN_MS,
      jobs: jobs.map((job) => ({
        ...job,
        async run(stopping) {
          const run = current.get(job.name);
          if (run === undefined) throw new Error('runs without a claim');
          // Faults come in the middle of work more often than by chance.
          if (roll() < FAULTY) fate(node, scheduler);
          await sleep(between(1, 40 * SECOND));
          if (roll() < HANGING) {
            ledger.counts.hung += 1;
            await sleep(between(2 * LONGEST_RUN_MS, 3 * LONGEST_RUN_MS));
          }
          // Not every job asks whether it is to end.
          if (job.asks && stopping.aborted) return {};
          await time.really(async () => {
            // Work begins before it is known whether the claim holds; what it wrote is kept only if it does.
            await storage.uow.write(account, async () => {});
            ledger.written.push({ name: job.name, id: run.id, dueAt: run.dueAt.getTime(), isHeld: holders.get(job.name) === run.id });
          });
          return { written: 1 };
        },
      })),
    });
    scheduler.start();
    time.after(between(10 * MINUTE, 4 * 24 * HOUR), node, () => fate(node, scheduler));
  }

  function fate(node: Node, scheduler: Scheduler): void {
    if (node.isDead) return;
    const kind = roll();
    if (kind < 0.4) {
      node.isDead = true;
      ledger.counts.deaths += 1;
      time.after(between(10 * SECOND, kind < 0.1 ? 20 * HOUR : 30 * MINUTE), undefined, () => void startNode(node.name));
    } else if (kind < 0.8) {
      node.pausedUntil = time.now() + between(5 * SECOND, 3 * MINUTE);
      ledger.counts.pauses += 1;
    } else {
      void scheduler.stop().then(() => time.after(between(SECOND, 2 * HOUR), undefined, () => void startNode(node.name)));
    }
  }

  await startNode('left');
  await startNode('right');
  await time.settled();
  for (let task = time.next(); task !== undefined && task.at < to.getTime(); task = time.next()) {
    task.work();
    await time.settled();
    if (roll() < 0.002) skew = between(-45 * SECOND, 45 * SECOND);
  }
  return ledger;
}
