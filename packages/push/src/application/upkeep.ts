import { job } from '@coucou/application/kernel/job';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { addSeconds } from '@coucou/domain/kernel/time';
import { pushDue } from './push-events.ts';
import { PushQueue, PushSubscriptions } from './push-repository.ts';

/** In one transaction. */
const BATCH = 500;
/** What has been due for so long has lost its order: one was given up, or dropped. */
const OVERDUE_SECONDS = 300;

/** Removes the subscriptions of sessions that have ended, and orders what is due and has no order. */
export const keepPushes = job({
  name: 'push.upkeep',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ subscriptions: PushSubscriptions, queue: PushQueue }), clock: Clock },
  async run({ uow, clock }, stopping) {
    const report = { removed: 0, ordered: 0 };
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      for (let last = BATCH; last >= BATCH && !stopping.aborted; report.removed += last)
        last = await uow.write(account, (tx) => tx.subscriptions.removeDead(clock.now(), BATCH));
      report.ordered += await uow.write(account, async (tx) => {
        const due = await tx.queue.overdue(addSeconds(clock.now(), -OVERDUE_SECONDS));
        tx.emit(...due.map(({ id, userId }) => pushDue({ subscriptionId: id, userId })));
        return due.length;
      });
    }
    return report;
  },
});
