import { job } from '../kernel/job.ts';
import { HealthFigures } from '../ports/health-figures.ts';

/** Figures of the whole deployment, for the log and `pnpm cli schedules`; those of one node are metrics. */
export const keepFigures = job({
  name: 'health.figures',
  everyMs: 300_000,
  deps: { figures: HealthFigures },
  run: ({ figures }) => figures.read(),
});
