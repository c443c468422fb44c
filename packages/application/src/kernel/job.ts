import type { Stopping } from '../ports/schedules.ts';
import type { Timing } from './timing.ts';
import type { Deps, Ports } from './token.ts';

/** Counts of what a run did, by name, for the log and `pnpm cli schedules`. */
export type JobReport = Readonly<Record<string, number>>;

/**
 * Recurring work of the whole deployment, which one node runs at a time. (Recurring work of each node is an upkeep: `Schedules`.) A job is an
 * entry point like HTTP: it may run what a use-case runs.
 */
export type Job = Readonly<{
  name: string;
  deps: Deps;
  /**
   * May be interrupted at any point, and is then run again, by this node or another: `stopping.aborted` asks it to end early. What it writes in
   * a unit of work counts only while this node holds the job's lease. What it does elsewhere may be done twice.
   */
  run: (ports: Ports<Deps>, stopping: Stopping) => Promise<JobReport>;
}> &
  /** Unless the operator says otherwise. */
  Timing;

export const job = <const D extends Deps>(
  definition: Timing & { name: string; deps: D; run: (ports: Ports<D>, stopping: Stopping) => Promise<JobReport> },
): Job => definition as unknown as Job;
