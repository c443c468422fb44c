import type { Instant } from '@coucou/domain/kernel/ids';
import type { z } from 'zod';
import { billingErrors } from '../domain/billing-errors.ts';
import type { Said, StripeEvent } from '../domain/stripe-event.ts';
import type { Content, Origin } from '../domain/subscription.ts';
import { stripeCheckout, stripeEvent, stripeInvoice, stripeSubscription } from './stripe-shapes.ts';

const OTHER: Said = { is: 'other' };

const at = (seconds: number): Instant => new Date(seconds * 1_000);
const atMaybe = (seconds: number | undefined): Instant | undefined => (seconds === undefined ? undefined : at(seconds));

function parse<Shape extends z.ZodType>(shape: Shape, value: unknown): z.infer<Shape> {
  const { success, data, error } = shape.safeParse(value);
  if (!success) throw billingErrors.EVENT_INVALID({ fields: error.issues.map(({ path }) => path.join('.')) });
  return data;
}

export function contentOf(object: z.infer<typeof stripeSubscription>): Content {
  const [item] = object.items.data;
  return {
    status: object.status,
    items: object.items.data.map(({ price, quantity = 1 }) => ({ priceId: price.id, quantity })),
    createdAt: at(object.created),
    periodStart: atMaybe(item?.current_period_start ?? object.current_period_start),
    periodEnd: atMaybe(item?.current_period_end ?? object.current_period_end),
    cancelAtPeriodEnd: object.cancel_at_period_end,
  };
}

const subscriptionSaid =
  (origin: Origin) =>
  (object: unknown): Said => {
    const subscription = parse(stripeSubscription, object);
    return {
      is: 'subscription',
      customerId: subscription.customer,
      subscriptionId: subscription.id,
      account: subscription.metadata?.coucou_account,
      content: contentOf(subscription),
      origin,
    };
  };

/** An invoice of something else than a subscription does not concern a plan. */
const invoiceSaid =
  (isPaid: boolean) =>
  (object: unknown, eventAt: Instant): Said => {
    const { id, customer, created, ...invoice } = parse(stripeInvoice, object);
    const details = invoice.parent?.subscription_details ?? invoice.subscription_details;
    const subscriptionId = details?.subscription ?? invoice.subscription;
    if (customer == null || subscriptionId == null) return OTHER;
    return {
      is: 'invoice',
      customerId: customer,
      subscriptionId,
      account: details?.metadata?.coucou_account,
      invoice: { id, createdAt: at(created), isPaid, failedAt: isPaid ? undefined : eventAt },
    };
  };

function checkoutSaid(object: unknown): Said {
  const { mode, customer, subscription, metadata } = parse(stripeCheckout, object);
  if (mode !== 'subscription' || customer == null || subscription == null) return OTHER;
  return { is: 'checkout', customerId: customer, subscriptionId: subscription, account: metadata?.coucou_account };
}

const readers: Readonly<Record<string, (object: unknown, eventAt: Instant) => Said>> = {
  'customer.subscription.created': subscriptionSaid('created'),
  'customer.subscription.updated': subscriptionSaid('changed'),
  'customer.subscription.deleted': subscriptionSaid('deleted'),
  'invoice.paid': invoiceSaid(true),
  'invoice.payment_failed': invoiceSaid(false),
  'checkout.session.completed': checkoutSaid,
};

/** The event that a body says, whose signature is good. Throws `BILLING_EVENT_INVALID`; other types are none of ours. */
export function readEvent(body: unknown): StripeEvent {
  const { id, type, created, data } = parse(stripeEvent, body);
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  return { id, type, at: at(created), said: reader?.(data.object, at(created)) ?? OTHER };
}
