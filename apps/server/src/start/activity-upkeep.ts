import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Schedules } from '@coucou/application/ports/schedules';
import type { Logger } from '@coucou/observability/logger';
import type { NodeActivityLog } from '@coucou/runtime/activity-log';

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
