import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { accountErrors } from '@coucou/domain/accounts/account';
import { billingActions } from '../domain/audit-actions.ts';
import { billingErrors } from '../domain/billing-errors.ts';
import { Entitlement } from '../domain/entitlement.ts';
import { Month } from '../domain/month.ts';
import type { Limits, Plan } from '../domain/plan.ts';
import { Billing, BillingSettings, PlanSnapshots, Usage } from './billing-ports.ts';
import { type MonthUsage, usageSince } from './usage.ts';
import { entitlementOf, entitlementPorts, entitlementRepositories, writeEntitlement } from './write-entitlement.ts';

type Nothing = Readonly<Record<never, never>>;

export const listPlans = adminUseCase({
  name: 'admin.listPlans',
  deps: { settings: BillingSettings },
  run: async ({ settings: { plans } }, _input: Nothing): Promise<readonly Plan[]> => plans,
});

export const getBilling = adminUseCase({
  name: 'admin.getBilling',
  deps: { uow: unitOfWork({ billing: Billing }), ...entitlementPorts },
  run: ({ uow, ...ports }, _input: Nothing, { account }): Promise<Entitlement> =>
    uow.read(account, async (tx) => entitlementOf(ports, tx, await tx.billing.lookup())),
});

export type UsageOfAccount = Readonly<{ seats: number; storageBytes: number; limits: Limits; months: readonly MonthUsage[] }>;

export const getUsage = adminUseCase({
  name: 'admin.getUsage',
  deps: { uow: unitOfWork({ billing: Billing, usage: Usage }), ...entitlementPorts },
  run: ({ uow, ...ports }, { months }: Readonly<{ months: number }>, { account }): Promise<UsageOfAccount> =>
    uow.read(account, async (tx) => {
      const now = ports.clock.now();
      const { limits } = await entitlementOf(ports, tx, await tx.billing.lookup());
      const used = await usageSince(tx, Month.shifted(Month.of(now), 1 - months), now);
      return { ...(await tx.usage.totals()), limits, months: used };
    }),
});

export type CreateCheckout = Readonly<{ planId: string; quantity: number; successUrl: string; cancelUrl: string }>;

/** The customer is made first, so that every event of the checkout finds its account. */
export const createCheckout = adminUseCase({
  name: 'admin.createCheckout',
  deps: { uow: unitOfWork({ billing: Billing, auditLog: AuditLog }), settings: BillingSettings, ...auditPorts },
  async run({ uow, settings, ...ports }, { planId, quantity, successUrl, cancelUrl }: CreateCheckout, call): Promise<string> {
    const { account } = call;
    const plan = settings.plans.find(({ id }) => id === planId);
    const [priceId] = plan?.prices ?? [];
    if (priceId === undefined) throw billingErrors.PLAN_NOT_FOUND();
    const known = await uow.read(account, async (tx) => {
      if ((await tx.billing.subscriptions()).some(Entitlement.isRunning)) throw billingErrors.ALREADY_SUBSCRIBED();
      return tx.billing.lookup();
    });
    const made = known?.customerId ?? (await settings.payments.createCustomer(account));
    const customerId = await uow.write(account, async (tx) => {
      const { customerId: linked, granted } = await tx.billing.open(account);
      if (linked !== undefined) return linked;
      await tx.billing.put({ customerId: made, granted });
      return made;
    });
    const url = await settings.payments.openCheckout({ account, customerId, priceId, quantity, successUrl, cancelUrl });
    await uow.write(account, (tx) => recordAudit(ports, tx, call, billingActions.checkout_opened, { details: { plan: planId, quantity } }));
    return url;
  },
});

export const openPortal = adminUseCase({
  name: 'admin.openBillingPortal',
  deps: { uow: unitOfWork({ billing: Billing, auditLog: AuditLog }), settings: BillingSettings, ...auditPorts },
  async run({ uow, settings, ...ports }, { returnUrl }: Readonly<{ returnUrl: string }>, call): Promise<string> {
    const known = await uow.read(call.account, (tx) => tx.billing.lookup());
    if (known?.customerId === undefined) throw billingErrors.NO_CUSTOMER();
    const url = await settings.payments.openPortal(known.customerId, returnUrl);
    await uow.write(call.account, (tx) => recordAudit(ports, tx, call, billingActions.billing_portal_opened, {}));
    return url;
  },
});

export type PutBilling = Readonly<{ clientKey: string; customerId?: string | undefined; planId?: string | undefined }>;

/** For the operator. Subscriptions of another customer than the named one count no more. */
export const putBilling = adminUseCase({
  name: 'accounts.putBilling',
  deps: { uow: unitOfWork(entitlementRepositories), snapshots: PlanSnapshots, ...entitlementPorts },
  async run({ uow, snapshots, ...ports }, { clientKey, customerId, planId }: PutBilling, call): Promise<Entitlement> {
    if (planId !== undefined && !ports.settings.plans.some(({ id }) => id === planId)) throw billingErrors.PLAN_NOT_FOUND();
    const [found] = await uow.system('accounts', (tx) => tx.lookupAccounts([clientKey]));
    if (found === undefined) throw accountErrors.NOT_FOUND();
    const account = found.id;
    const entitled = await uow.write(account, async (tx) => {
      const known = { ...(await tx.billing.open(account)), customerId, granted: planId };
      await tx.billing.put(known);
      await writeEntitlement(ports, tx, account, known);
      const details = { customerId, plan: planId };
      await recordAudit(ports, tx, { ...call, account }, billingActions.plan_granted, { details });
      return entitlementOf(ports, tx, known);
    });
    snapshots.forget(account);
    return entitled;
  },
});
