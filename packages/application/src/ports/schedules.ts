import { token } from '../kernel/token.ts';

/** Whether the work should end early. */
export type Stopping = Readonly<{ aborted: boolean }>;

export type Schedule = Readonly<{
  /** Runs the job now; once more after the run that is under way, which may have looked too early. */
  run(): void;
  stop(): Promise<void>;
}>;

/**
 * Runs recurring work of this node on this node: the upkeep of what is in its memory, on every node by its own clock. Work of the whole
 * deployment, which one node does for all, is a job (`kernel/job.ts`).
 */
export interface Schedules {
  /**
   * Never runs one job twice at a time. The interval (milliseconds) is jittered, so that nodes that were started together do not stay in
   * step. A run that fails is logged, and the next one comes all the same. `stopping` aborts when the schedule is stopped.
   */
  every(intervalMs: number, name: string, job: (stopping: Stopping) => Promise<void>): Schedule;
}
export const Schedules = token<Schedules>('Schedules');
