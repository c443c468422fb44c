import type { Ports } from '@coucou/application/kernel/token';
import { publicUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { errors } from '@coucou/domain/kernel/errors';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import type { StripeEvent } from '../domain/stripe-event.ts';
import { type Content, Subscription } from '../domain/subscription.ts';
import { takeEvent } from '../domain/take-event.ts';
import { type Payments, PlanSnapshots } from './billing-ports.ts';
import { entitlementPorts, entitlementRepositories, writeEntitlement } from './write-entitlement.ts';

/** How often Stripe is asked while other events of the account come in between. */
const ATTEMPTS = 8;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const deps = { uow: unitOfWork(entitlementRepositories), snapshots: PlanSnapshots, ...entitlementPorts };
type Given = Ports<typeof deps>;
type Concerning = StripeEvent & Readonly<{ said: Exclude<StripeEvent['said'], { is: 'other' }> }>;
type Asked = Readonly<{ content: Content | undefined; version: number }>;

const isConcerning = (event: StripeEvent): event is Concerning => event.said.is !== 'other';

/**
 * An event of Stripe. Of the account that its subscription names, and only where its customer is that account's: so an event never changes
 * another account. All that is acknowledged is answered the same, whether it changed something or not.
 */
export const receiveStripeEvent = publicUseCase({
  name: 'billing.receiveStripeEvent',
  deps,
  async run(ports, signed: Readonly<{ payload: string; signature: string }>): Promise<void> {
    const { payments } = ports.settings;
    const event = await payments.read(signed, ports.clock.now());
    if (!isConcerning(event)) return;
    const account = await accountOf(payments, event);
    if (account === undefined) return;
    let asked: Asked | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const version = await take(ports, account, event, asked);
      if (version === undefined) return ports.snapshots.forget(account);
      // Outside the transaction: an answer that takes seconds must not hold the lock.
      asked = { content: await payments.subscription(event.said.subscriptionId), version };
    }
    throw errors.OVERLOADED({ reason: 'the billing of the account changes too fast' });
  },
});

async function accountOf(payments: Payments, { said }: Concerning): Promise<AccountId | undefined> {
  const named = said.account ?? (payments.hasKey ? await payments.accountOf(said.customerId) : undefined);
  return named !== undefined && UUID.test(named) ? asId(named) : undefined;
}

/** Answers the version of the account as of which Stripe is to be asked, with nothing written; undefined when the event is done with. */
function take(ports: Given, account: AccountId, event: Concerning, asked: Asked | undefined): Promise<number | undefined> {
  const { said } = event;
  return ports.uow.write(account, async (tx) => {
    const known = await tx.billing.lock();
    if (known?.customerId !== said.customerId || (await tx.billing.hasEvent(event.id))) return undefined;
    const current = (await tx.billing.subscription(said.subscriptionId)) ?? Subscription.unknown(said.subscriptionId);
    // What was asked before another event changed the account may be older than that event.
    const { next, isUnclear } = takeEvent(current, event, asked?.version === known.version ? asked : undefined);
    if (isUnclear && ports.settings.payments.hasKey) return known.version;
    await tx.billing.addEvent(account, { id: event.id, type: event.type, at: ports.clock.now() });
    if (next.snapshot !== undefined || next.invoice !== undefined)
      await tx.billing.putSubscription({ accountId: account, customerId: said.customerId }, next);
    await writeEntitlement(ports, tx, account, known);
    return undefined;
  });
}
