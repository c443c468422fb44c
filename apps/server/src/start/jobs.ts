import { dueOf } from '@coucou/application/kernel/timing';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { HealthCheck } from '@coucou/application/ports/health';
import type { JobSchedule, JobSchedules } from '@coucou/application/ports/job-schedules';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Tracer } from '@coucou/application/ports/tracer';
import { tracedJob } from '@coucou/application/tracing/traced-work';
import type { Logger } from '@coucou/observability/logger';
import type { Storage } from '@coucou/postgres/storage';
import { createScheduler, type Scheduler } from '@coucou/runtime/scheduler';
import type { ReadyJob } from '../composition/compose.ts';
import type { Config } from '../config.ts';
import type { Undo } from './undo.ts';

export type JobsOptions = Readonly<{
  jobs: readonly ReadyJob[];
  storage: Pick<Storage, 'schedules' | 'jobSchedules'>;
  config: Pick<Config, 'schedules' | 'instanceId'>;
  metrics: Metrics;
  tracer: Tracer;
  log: Logger;
}>;

/** A job that nobody has run for so long, though it may, says that something is wrong. */
const LATE_SECONDS = 300;
/** So does one that has failed so often in a row. */
const MANY_ATTEMPTS = 3;

/** The scheduler of this node, and what it says of all jobs. */
export function openJobs(
  { jobs, storage, config, metrics, tracer, log }: JobsOptions,
  undo: Undo,
): Pick<Scheduler, 'start'> & Readonly<{ health: HealthCheck }> {
  const { timings, zone } = config.schedules;
  const traced = jobs.map((each) => tracedJob(each, tracer));
  const scheduled = traced.map(({ name, timing, run }) => ({ name, run, ...dueOf(name, timings.get(name) ?? timing, zone) }));
  const names = new Set(jobs.map(({ name }) => name));
  const scheduler = createScheduler({ store: storage.schedules, jobs: scheduled, node: config.instanceId, metrics, log });
  // Rows of jobs that only another version has are none of this one's business.
  const own = async () => (await storage.jobSchedules.list()).filter(({ name }) => names.has(name));
  metrics.gauge(catalogue.jobOverdue, async () =>
    (await own()).map(({ name, overdueSeconds }) => ({ labels: { schedule: name }, value: overdueSeconds })),
  );
  metrics.gauge(catalogue.jobAttempts, async () =>
    (await own()).map(({ name, attempts }) => ({ labels: { schedule: name }, value: attempts })),
  );
  undo.push(() => scheduler.stop());
  return { start: () => scheduler.start(), health: jobsCheck({ list: own }) };
}

/** Degraded while a job is late, or fails again and again. */
const jobsCheck = ({ list }: Pick<JobSchedules, 'list'>): HealthCheck => ({
  name: 'jobs',
  async check() {
    const faults = (await list()).flatMap(faultOf);
    return faults.length === 0 ? { status: 'up' } : { status: 'degraded', detail: `${faults.join('; ')}: pnpm cli schedules list` };
  },
});

function faultOf({ name, overdueSeconds, attempts, last }: JobSchedule): string[] {
  if (overdueSeconds > LATE_SECONDS) return [`${name} waits for a node since ${Math.round(overdueSeconds)} s`];
  return attempts >= MANY_ATTEMPTS && last?.error !== undefined ? [`${name} failed ${attempts} times in a row`] : [];
}
