import type { Stopping } from '../ports/schedules.ts';
import type { Deps, Ports } from './token.ts';

/** Counts of what a run did, by name, for the log. */
export type JobReport = Readonly<Record<string, number>>;

/** Recurring work. A job is an entry point like HTTP: it may run what a use-case runs. */
export interface Job {
  readonly name: string;
  /** Milliseconds from one run to the next, jittered. */
  readonly everyMs: number;
  readonly deps: Deps;
  /** May be interrupted at any point and run on several nodes at once; `stopping.aborted` asks it to end early. */
  readonly run: (ports: Ports<Deps>, stopping: Stopping) => Promise<JobReport>;
}

export const job = <const D extends Deps>(definition: {
  name: string;
  everyMs: number;
  deps: D;
  run: (ports: Ports<D>, stopping: Stopping) => Promise<JobReport>;
}): Job => definition as unknown as Job;
