import type { JobReport } from '@coucou/application/kernel/job';
import type { Due } from '@coucou/application/kernel/timing';
import type { Instant } from '@coucou/domain/kernel/ids';

/** A run of a job that this node has to itself, until it says nothing for a lease. */
export type ClaimedRun = Readonly<{
  /** Of this run alone. */
  id: string;
  name: string;
  /** The time that it is for: the first of those that were missed. */
  dueAt: Instant;
  /** By the clock of the database. */
  startedAt: Instant;
  attempts: number;
  /** The node that had it, and said nothing for longer than its lease. */
  takenFrom: string | undefined;
}>;

/** `stopped`: given back, to be run again at once. `next`: when it is due after this one. */
export type RunEnd = Readonly<
  { outcome: 'done'; next: Instant; report: JobReport } | { outcome: 'failed'; next: Instant; error: string } | { outcome: 'stopped' }
>;

/** What the scheduler of a node needs of the table of schedules. All times are those of the database. */
export interface ScheduleStore {
  /** How long a node that says nothing keeps its runs, in milliseconds. */
  readonly leaseMs: number;
  /** Says when jobs are due. One that is known keeps what it has missed, unless its timing is another now. */
  declare(jobs: readonly (Due & Readonly<{ name: string }>)[]): Promise<void>;
  /** Takes all runs of these jobs that are due and that nobody has, and those of dead nodes; `waitMs`: until the next one may be. */
  claim(names: readonly string[], node: string): Promise<Readonly<{ runs: readonly ClaimedRun[]; waitMs: number | undefined }>>;
  /** Extends the leases; answers those of the runs that this node still has. */
  renew(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Runs a job's work; answers false when the run was lost, and nothing that the work wrote in the database since is kept. */
  effect(run: ClaimedRun, work: () => Promise<void>): Promise<boolean>;
  /** Answers how long until the next run may be, in milliseconds; undefined when the run was lost. */
  end(run: ClaimedRun, end: RunEnd): Promise<number | undefined>;
}
