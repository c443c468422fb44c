import type { EventBus } from '@coucou/application/ports/event-bus';
import type { HealthCheck } from '@coucou/application/ports/health';
import type { SharedJobQueue } from '@coucou/application/ports/job-queue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Tracer } from '@coucou/application/ports/tracer';
import { tracedSubscriber } from '@coucou/application/tracing/traced-work';
import type { Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { Storage } from '@coucou/postgres/storage';
import { createOutbox, type Outbox, type OutboxOptions } from '@coucou/runtime/outbox';

export type OpenOutboxOptions = Readonly<{
  storage: Pick<Storage, 'outbox' | 'takeLongestWaitMs'>;
  subscribers: OutboxOptions['subscribers'];
  /** The queue of jobs that nodes share. */
  jobs: SharedJobQueue | undefined;
  /** What this node announces. */
  own: EventBus;
  schedules: Schedules;
  metrics: Metrics;
  tracer: Tracer;
  log: Logger;
}>;

/** Side effects this much later than what caused them are worth a line, in seconds. */
const LATE_SECONDS = 60;
const LOOK_EVERY_MS = 60_000;

/** The outbox of this node, which runs the consequences of the node's own commits. What it leaves, another finds by polling. */
export function openOutbox({
  storage,
  subscribers,
  jobs,
  own,
  schedules,
  metrics,
  tracer,
  log,
}: OpenOutboxOptions): Outbox & Readonly<{ health: HealthCheck }> {
  const traced = subscribers.map((each) => tracedSubscriber(each, tracer));
  const outbox = createOutbox({
    store: storage.outbox,
    subscribers: traced,
    shared: jobs,
    waitedMs: storage.takeLongestWaitMs,
    metrics,
    log,
  });
  const unsubscribe = own.subscribe((announced) => {
    outbox.wake(announced.flatMap(({ durable, type }) => (durable ? [type] : [])));
  });
  const look = schedules.every(LOOK_EVERY_MS, 'outbox lag', async () => {
    const lag = await outbox.lag();
    if (lag.oldestSeconds > LATE_SECONDS) log.warn(lag, 'side effects are behind: search and notifications trail what caused them');
  });
  return {
    ...outbox,
    health: outboxCheck(outbox),
    async stop() {
      unsubscribe();
      await Promise.all([outbox.stop(), look.stop()]);
    },
  };
}

/** Degraded while side effects are late. */
export const outboxCheck = ({ lag }: Pick<Outbox, 'lag'>): HealthCheck => ({
  name: 'outbox',
  async check() {
    const { waiting, oldestSeconds, dead } = await lag();
    const details = [
      ...(oldestSeconds > LATE_SECONDS ? [`${waiting} events wait, the oldest for ${Math.round(oldestSeconds)} s`] : []),
      ...(dead > 0 ? [`${dead} dead letters: pnpm cli jobs list`] : []),
    ];
    return { status: oldestSeconds > LATE_SECONDS ? 'degraded' : 'up', ...(details.length > 0 && { detail: details.join('; ') }) };
  },
});
