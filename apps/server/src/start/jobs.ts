import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { ReadyJob } from '../composition/compose.ts';

export type JobsOptions = Readonly<{ jobs: readonly ReadyJob[]; schedules: Schedules; metrics: Metrics; log: Logger }>;

/** Schedules the features' jobs; answers a function that stops them. A run that did something is logged. */
export function startJobs({ jobs, schedules, metrics, log }: JobsOptions): () => Promise<void> {
  const running = jobs.map(({ name: job, everyMs, run }) => {
    const done = metrics.counter(catalogue.jobRuns, { job, outcome: 'done' });
    const failed = metrics.counter(catalogue.jobRuns, { job, outcome: 'failed' });
    const duration = metrics.histogram(catalogue.jobDuration, { job });
    return schedules.every(everyMs, job, async (stopping) => {
      const startedAt = performance.now();
      let outcome = failed;
      try {
        const report = await run(stopping);
        outcome = done;
        if (Object.values(report).some((count) => count > 0)) log.info({ job, ...report }, 'job done');
      } finally {
        outcome.add();
        duration.observe((performance.now() - startedAt) / 1_000);
      }
    });
  });
  return async () => void (await Promise.all(running.map((schedule) => schedule.stop())));
}
