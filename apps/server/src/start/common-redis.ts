import type { HealthCheck } from '@coucou/application/ports/health';
import type { Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { ActivityStore, NodeRun } from '@coucou/postgres/activity/activity-store';
import type { Undo } from './undo.ts';

export type CommonRedisOptions = Readonly<{
  run: NodeRun;
  store: Pick<ActivityStore, 'noteRedis'>;
  /** The id of the Redis that this node sees; rejects while it sees none. */
  redisId: () => Promise<string>;
  log: Pick<Logger, 'error' | 'info'>;
  /** In milliseconds. */
  now?: () => number;
}>;

export type CommonRedis = Readonly<{ check: HealthCheck; beat: () => Promise<void> }>;

const BEAT_MS = 2_000;
/** A node that says nothing for as long does not count. Three beats, with jitter. */
const LIVE_SECONDS = 7;
/** Longer than a node counts that has ended, and than all need to see a Redis that was emptied or replaced. */
const TOLERATED_MS = 8_000;

/**
 * Notices that nodes of one database use different Redis servers, which would tell their people nothing of each other. Each node writes the id of
 * its Redis beside its run, and none of them is ready while ids differ for several seconds. One that sees no Redis has no part in it.
 */
export function createCommonRedis({ run, store, redisId, log, now = () => performance.now() }: CommonRedisOptions): CommonRedis {
  let differsSince: number | undefined;
  let isTold = false;
  const differs = (): boolean => differsSince !== undefined && now() - differsSince >= TOLERATED_MS;

  return {
    check: {
      name: 'nodes',
      check: async () =>
        differs()
          ? { status: 'down', detail: 'another node of this database uses another Redis; set the same REDIS_URL on all of them' }
          : { status: 'up' },
    },
    async beat() {
      const own = await redisId().catch(() => undefined);
      const others = await store.noteRedis(run, own, LIVE_SECONDS);
      if (own === undefined || others.every((id) => id === own)) differsSince = undefined;
      else differsSince ??= now();
      if (differs() === isTold) return;
      isTold = !isTold;
      if (isTold)
        log.error('nodes of this database use different Redis servers, so none of them is ready; set the same REDIS_URL on all of them');
      else log.info('all nodes of this database use one Redis again');
    },
  };
}

/** None where there is one node. */
export function watchRedis(
  options: Omit<CommonRedisOptions, 'redisId'> & Readonly<{ redisId: CommonRedisOptions['redisId'] | undefined; schedules: Schedules }>,
  undo: Undo,
): readonly HealthCheck[] {
  const { redisId, schedules } = options;
  if (redisId === undefined) return [];
  const common = createCommonRedis({ ...options, redisId });
  // While the database is away, its own check says so.
  const beating = schedules.every(BEAT_MS, 'one Redis', () => common.beat().catch(() => {}));
  undo.push(() => beating.stop());
  return [common.check];
}
