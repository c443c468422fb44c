import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { Storage } from '@coucou/postgres/storage';
import { createActivityLog, type NodeActivityLog } from '@coucou/runtime/activity-log';
import { systemClock } from '@coucou/runtime/clock';
import { createIds } from '@coucou/runtime/ids';
import type { Config } from '../config.ts';
import type { Undo } from './undo.ts';

export type ActivityUpkeep = Readonly<{ activity: Pick<NodeActivityLog, 'flush' | 'beat' | 'close'>; schedules: Schedules; log: Logger }>;

const FLUSH_MS = 1_000;
/** Three within the time after which others take this node for gone. */
const BEAT_MS = 15_000;

/** Writes the connection log and the presence log as they grow. Answers a function that stops, with everything written that can be. */
export async function keepActivity({ activity, schedules, log }: ActivityUpkeep): Promise<() => Promise<void>> {
  let isFailing = false;
  const beat = async () => {
    try {
      await activity.beat();
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ err: loggableError(error) }, 'this node cannot say that it is alive; it is tried again');
      isFailing = true;
    }
  };
  await beat();
  const running = [schedules.every(FLUSH_MS, 'activity logs', () => activity.flush()), schedules.every(BEAT_MS, 'node is alive', beat)];
  return async () => {
    await Promise.all(running.map((schedule) => schedule.stop()));
    await activity.close();
  };
}

type Opening = Readonly<{
  storage: Pick<Storage, 'activity'>;
  sharesPresence: boolean;
  metrics: Metrics;
  schedules: Schedules;
  log: Logger;
}>;

/** The connection log and the presence log of this node, written from now on. */
export async function openActivity(
  { instanceId }: Pick<Config, 'instanceId'>,
  { storage, schedules, ...options }: Opening,
  undo: Undo,
): Promise<NodeActivityLog> {
  const activity = createActivityLog({ store: storage.activity, node: instanceId, clock: systemClock, ids: createIds(), ...options });
  undo.push(await keepActivity({ activity, schedules, log: options.log }));
  return activity;
}
