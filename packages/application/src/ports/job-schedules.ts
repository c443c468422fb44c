import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { JobReport } from '../kernel/job.ts';
import { token } from '../kernel/token.ts';

/** What is known of a job in all nodes, by the clock of the database. */
export type JobSchedule = Readonly<{
  name: string;
  /** When it is due, as text, by the node that said so last. */
  timing: string;
  /** The time that the next run is for, or the one that is under way. */
  dueAt: Instant;
  /** When it begins at the earliest: later than `dueAt` after a failure. */
  runAt: Instant;
  /** For how long nobody has run it, though it may; 0 while somebody does. */
  overdueSeconds: number;
  /** Runs begun since the last one that was done. */
  attempts: number;
  running: Readonly<{ node: string; since: Instant }> | undefined;
  /** The last run that ended. */
  last: Readonly<{ node: string; startedAt: Instant; endedAt: Instant; error: string | undefined; report: JobReport }> | undefined;
}>;

/** The jobs of the deployment, for the operator. */
export interface JobSchedules {
  /** By name. */
  list(): Promise<readonly JobSchedule[]>;
  /**
   * Makes a job due, so that a node runs it within seconds; false where there is none of this name, or it is running. The entry of the audit
   * log is written with it.
   */
  runNow(name: string, entry: AuditEntry): Promise<boolean>;
}
export const JobSchedules = token<JobSchedules>('JobSchedules');
