import { job } from '@coucou/application/kernel/job';
import type { Ports } from '@coucou/application/kernel/token';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { Usage } from './billing-ports.ts';
import { countUntil } from './usage.ts';
import { entitlementPorts, entitlementRepositories, writeEntitlement } from './write-entitlement.ts';

/** Older messages are all committed: their ids were made before that, on whatever node. */
const SETTLED_SECONDS = 600;
/** Longer than anybody sends an event again. */
const EVENTS_KEPT_SECONDS = 90 * 86_400;

export const upkeepPorts = { uow: unitOfWork({ ...entitlementRepositories, usage: Usage }), ...entitlementPorts };
type Given = Ports<typeof upkeepPorts>;

/** As the plans are configured now, and as far as a grace period has come. */
export const renew = (ports: Given, account: AccountId): Promise<number> =>
  ports.uow.write(account, async (tx) => {
    await writeEntitlement(ports, tx, account, await tx.billing.open(account));
    return tx.billing.trimEvents(addSeconds(ports.clock.now(), -EVENTS_KEPT_SECONDS));
  });

/** Renews what accounts have a right to, counts their usage, and removes old events. Without plans there is nothing to do. */
export const keepBilling = job({
  name: 'billing.upkeep',
  everyMs: 600_000,
  deps: upkeepPorts,
  async run(ports, stopping) {
    const report = { accounts: 0, trimmed: 0 };
    if (ports.settings.plans.length === 0) return report;
    const until = addSeconds(ports.clock.now(), -SETTLED_SECONDS);
    for (const account of await ports.uow.system('accounts', (tx) => tx.listAccounts())) {
      if (stopping.aborted) break;
      report.trimmed += await renew(ports, account);
      await countUntil(ports.uow, account, until);
      report.accounts += 1;
    }
    return report;
  },
});
