import { hook } from '@coucou/application/kernel/hook';
import type { Ports } from '@coucou/application/kernel/token';
import { messageStored } from '@coucou/application/messages/message-hooks';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { Month } from '../domain/month.ts';
import { Billing, BillingSettings, PlanSnapshots, type Snapshot, Usage } from './billing-ports.ts';
import { uncounted, usageOf } from './usage.ts';
import { entitlementOf } from './write-entitlement.ts';

const deps = {
  uow: unitOfWork({ billing: Billing, usage: Usage }),
  settings: BillingSettings,
  clock: Clock,
  snapshots: PlanSnapshots,
};
type Given = Ports<typeof deps>;

function load({ uow, settings, clock }: Given, account: AccountId): Promise<Snapshot> {
  const month = Month.of(clock.now());
  return uow.read(account, async (tx): Promise<Snapshot> => {
    const { limits } = await entitlementOf({ settings, clock }, tx, await tx.billing.lookup());
    const active = new Map<UserId, boolean>();
    if (limits.messages === undefined && limits.monthlyActive === undefined)
      return { limits, month, messages: 0, monthlyActive: 0, active };
    const [meter] = await tx.usage.meters(month);
    return { ...(await usageOf(tx, month, meter)), limits, active };
  });
}

/** Whether somebody is among those who wrote in the month; asked once for each snapshot. */
async function isActive({ uow }: Given, account: AccountId, { month, active }: Snapshot, userId: UserId): Promise<boolean> {
  const known = active.get(userId);
  if (known !== undefined) return known;
  const answer = await uow.read(account, async (tx) => {
    const [meter] = await tx.usage.meters(month);
    return tx.usage.isActive(month, userId, uncounted(month, meter) ?? { from: Month.end(month), until: Month.end(month) });
  });
  active.set(userId, answer);
  return answer;
}

/**
 * Messages and people who write, by a snapshot that is a minute old: so a month may end with a few more than its limit, and no message waits
 * for a count. Where it cannot be made, messages go on.
 */
export const limitMessages = hook({
  name: 'billing.limitMessages',
  at: messageStored,
  deps,
  onFailure: 'pass',
  async run(ports, message, call) {
    const { settings, snapshots, clock } = ports;
    // What has a place already is being edited.
    if (settings.plans.length === 0 || 'seq' in message) return;
    const found = snapshots.of(call.account, clock.now(), () => load(ports, call.account));
    const snapshot = found instanceof Promise ? await found : found;
    const { limits, messages, monthlyActive } = snapshot;
    if (limits.messages === undefined && limits.monthlyActive === undefined) return;
    // A month has begun since: it has room, until the next snapshot says more.
    if (snapshot.month !== Month.of(clock.now())) return;
    if (limits.messages !== undefined && messages >= limits.messages)
      throw errors.PLAN_LIMIT_REACHED({ limit: 'messages', allowed: limits.messages, used: messages });
    if (limits.monthlyActive === undefined || monthlyActive < limits.monthlyActive) return;
    if (!(await isActive(ports, call.account, snapshot, message.senderId)))
      throw errors.PLAN_LIMIT_REACHED({ limit: 'monthlyActive', allowed: limits.monthlyActive, used: monthlyActive });
  },
});
