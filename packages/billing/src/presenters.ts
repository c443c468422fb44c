import type { z } from 'zod';
import type { UsageOfAccount } from './application/administer-billing.ts';
import type { Billing as WireBilling } from './contracts/operations.ts';
import type { Entitlement } from './domain/entitlement.ts';
import type { Limits, Plan } from './domain/plan.ts';

const presentLimits = ({ seats, monthlyActive, messages, storageBytes }: Limits) => ({ seats, monthlyActive, messages, storageBytes });

export const presentPlans = (plans: readonly Plan[]) => ({
  items: plans.map(({ id, name, prices, limits: { seats, ...limits } }) => ({
    id,
    name,
    limits: presentLimits(seats === 'quantity' || seats === undefined ? limits : { ...limits, seats }),
    seatsByQuantity: seats === 'quantity',
    forSale: prices.length > 0,
  })),
});

export const presentBilling = ({ standing, plan, limits, graceEndsAt, subscription }: Entitlement): z.infer<typeof WireBilling> => ({
  standing,
  plan: plan && { id: plan.id, name: plan.name },
  limits: presentLimits(limits),
  graceEndsAt: graceEndsAt?.toISOString(),
  subscription: subscription && {
    id: subscription.id,
    status: subscription.content.status,
    quantity: subscription.content.items[0]?.quantity ?? 0,
    currentPeriodEnd: subscription.content.periodEnd?.toISOString(),
    cancelAtPeriodEnd: subscription.content.cancelAtPeriodEnd,
  },
});

export const presentUsage = ({ seats, storageBytes, limits, months }: UsageOfAccount) => ({
  seats,
  storageBytes,
  limits: presentLimits(limits),
  months: months.map(({ month, messages, monthlyActive }) => ({ month, messages, monthlyActive })),
});

export const presentUrl = (url: string) => ({ url });
