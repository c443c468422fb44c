import type { Instant } from '@coucou/domain/kernel/ids';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { type Limits, Plan } from './plan.ts';
import type { Content, Subscription } from './subscription.ts';

/**
 * `none`: without a subscription; `grace`: a payment failed, and the plan is in force for some days yet; `ended`: the subscription counts
 * no more.
 */
export const standings = ['none', 'trialing', 'active', 'grace', 'ended'] as const;
export type Standing = (typeof standings)[number];

/** What an account has a right to. */
export type Entitlement = Readonly<{
  standing: Standing;
  /** Absent: nothing is limited. */
  plan: Plan | undefined;
  limits: Limits;
  /** Of `grace`. */
  graceEndsAt: Instant | undefined;
  /** The subscription that decides. */
  subscription: Readonly<{ id: string; content: Content }> | undefined;
}>;

export type PlanRules = Readonly<{ plans: readonly Plan[]; graceDays: number }>;

type Known = Readonly<{ id: string; content: Content; standing: Standing; graceEndsAt?: Instant | undefined }>;

function judge({ id, snapshot, invoice }: Subscription, graceDays: number, now: Instant): Known | undefined {
  if (snapshot === undefined) return undefined;
  const { content } = snapshot;
  switch (content.status) {
    case 'trialing':
    case 'active':
      return { id, content, standing: content.status };
    case 'past_due': {
      // Paid since; the subscription's own event is under way.
      if (invoice?.isPaid === true) return { id, content, standing: 'active' };
      const since = invoice?.failedAt ?? content.periodStart ?? snapshot.at;
      const graceEndsAt = addSeconds(since, graceDays * 86_400);
      return isPast(graceEndsAt, now) ? { id, content, standing: 'ended' } : { id, content, standing: 'grace', graceEndsAt };
    }
    case 'incomplete':
      return { id, content, standing: 'none' };
    default:
      return { id, content, standing: 'ended' };
  }
}

const worth: Readonly<Record<Standing, number>> = { none: 0, ended: 1, grace: 2, trialing: 3, active: 3 };

/** The best one, of several as good the newest. */
const best = (known: readonly Known[]): Known | undefined =>
  known.toSorted(
    (a, b) =>
      worth[b.standing] - worth[a.standing] || b.content.createdAt.getTime() - a.content.createdAt.getTime() || (a.id < b.id ? 1 : -1),
  )[0];

/** `granted`: the plan that the operator gave the account, for as long as no subscription is in force. */
function of(
  subscriptions: readonly Subscription[],
  granted: string | undefined,
  { plans, graceDays }: PlanRules,
  now: Instant,
): Entitlement {
  const found = best(subscriptions.flatMap((each) => judge(each, graceDays, now) ?? []));
  const isInForce = found !== undefined && worth[found.standing] > worth.ended;
  const bought = isInForce ? itemOf(found.content, plans) : undefined;
  const plan = bought?.plan ?? plans.find(({ id }) => id === granted) ?? plans.find(({ isDefault }) => isDefault);
  return {
    standing: found?.standing ?? 'none',
    plan,
    limits: plan === undefined ? {} : Plan.limitsOf(plan, bought?.quantity ?? 1),
    graceEndsAt: found?.graceEndsAt,
    subscription: found && { id: found.id, content: found.content },
  };
}

/** The first item that is a plan: there may be others beside it, such as support. */
function itemOf({ items }: Content, plans: readonly Plan[]): Readonly<{ plan: Plan; quantity: number }> | undefined {
  for (const { priceId, quantity } of items) {
    const plan = plans.find(({ prices }) => prices.includes(priceId));
    if (plan !== undefined) return { plan, quantity };
  }
  return undefined;
}

/** Whether a subscription still runs at Stripe: a second one would be paid beside it. */
const isRunning = ({ snapshot }: Subscription): boolean =>
  snapshot !== undefined && !['canceled', 'incomplete_expired', 'incomplete'].includes(snapshot.content.status);

export const Entitlement = { of, isRunning };
