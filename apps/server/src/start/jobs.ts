import type { Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { ReadyJob } from '../composition/compose.ts';

/** Schedules the features' jobs; answers a function that stops them. A run that did something is logged. */
export function startJobs(jobs: readonly ReadyJob[], schedules: Schedules, log: Logger): () => Promise<void> {
  const running = jobs.map(({ name, everyMs, run }) =>
    schedules.every(everyMs, name, async (stopping) => {
      const report = await run(stopping);
      if (Object.values(report).some((count) => count > 0)) log.info({ job: name, ...report }, 'job done');
    }),
  );
  return async () => void (await Promise.all(running.map((schedule) => schedule.stop())));
}
