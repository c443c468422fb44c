import { job } from '@coucou/application/kernel/job';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { addSeconds } from '@coucou/domain/kernel/time';
import { webhookDue } from './webhook-events.ts';
import { Deliveries, Webhooks, WebhookSettings } from './webhook-repository.ts';

/** In one transaction. */
const BATCH = 500;
const DAY_SECONDS = 86_400;
/** What has been due for so long has lost its order: one was given up, or dropped. */
const OVERDUE_SECONDS = 300;

/** Removes what the log has kept for long enough and what deleted webhooks left, and orders what is due and has no order. */
export const keepWebhooks = job({
  name: 'webhooks.upkeep',
  everyMs: 3_600_000,
  deps: { uow: unitOfWork({ webhooks: Webhooks, deliveries: Deliveries }), settings: WebhookSettings, clock: Clock },
  async run({ uow, settings, clock }, stopping) {
    const kept = addSeconds(clock.now(), -settings.retentionDays * DAY_SECONDS);
    const overdue = addSeconds(clock.now(), -OVERDUE_SECONDS);
    const report = { trimmed: 0, ordered: 0 };
    for (const account of await uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      for (let last = BATCH; last >= BATCH && !stopping.aborted; report.trimmed += last)
        last = await uow.write(account, (tx) => tx.deliveries.trim(kept, BATCH));
      for (let last = BATCH; last >= BATCH && !stopping.aborted; report.trimmed += last)
        last = await uow.write(account, (tx) => tx.webhooks.removeDeleted(BATCH));
      report.ordered += await uow.write(account, async (tx) => {
        const due = await tx.deliveries.overdue(overdue);
        tx.emit(...due.map((webhookId) => webhookDue({ webhookId })));
        return due.length;
      });
    }
    return report;
  },
});
