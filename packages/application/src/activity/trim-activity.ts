import { addSeconds } from '@coucou/domain/kernel/time';
import { job } from '../kernel/job.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { ActivitySettings } from './activity-settings.ts';
import { ActivityLogs } from './repositories.ts';

/** In one transaction: small, so that none holds locks or the horizon for long. */
const BATCH = 500;
const DAY_SECONDS = 86_400;

/** Removes what the connection log and the presence log have kept for long enough. */
export const trimActivity = job({
  name: 'activity.trim',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ logs: ActivityLogs }), settings: ActivitySettings, clock: Clock },
  async run({ uow, settings, clock }, stopping) {
    const ago = (days: number) => addSeconds(clock.now(), -days * DAY_SECONDS);
    const trimmed = { connections: 0, presence: 0 };
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      for (let last = BATCH; last === BATCH && !stopping.aborted; trimmed.connections += last)
        last = await uow.write(account, (tx) => tx.logs.trimConnections(ago(settings.connectionDays), BATCH));
      for (let last = BATCH; last === BATCH && !stopping.aborted; trimmed.presence += last)
        last = await uow.write(account, (tx) => tx.logs.trimPresence(ago(settings.presenceDays), BATCH));
    }
    return trimmed;
  },
});
