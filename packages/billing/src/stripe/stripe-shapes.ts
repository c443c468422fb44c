import { z } from 'zod';
import { subscriptionStatuses } from '../domain/subscription.ts';

/** Objects of Stripe, as much of them as is read; in older versions of its API some fields are elsewhere. */

const seconds = z.int().min(0);
const id = z.string().min(1).max(255);
/** An id, or the object itself where somebody had it expanded. */
const reference = z.union([id, z.object({ id }).transform((object) => object.id)]);
const metadata = z.object({ coucou_account: z.string().optional() }).nullish();

export const stripeSubscription = z.object({
  id,
  customer: reference,
  status: z.enum(subscriptionStatuses),
  created: seconds,
  cancel_at_period_end: z.boolean(),
  metadata,
  items: z.object({
    data: z
      .array(
        z.object({
          price: z.object({ id }),
          quantity: z.int().min(0).optional(),
          // On the items since 2025-03-31.
          current_period_start: seconds.optional(),
          current_period_end: seconds.optional(),
        }),
      )
      .max(100),
  }),
  current_period_start: seconds.optional(),
  current_period_end: seconds.optional(),
});

const details = z.object({ subscription: reference.nullish(), metadata }).nullish();

export const stripeInvoice = z.object({
  id,
  customer: reference.nullish(),
  created: seconds,
  // Under `parent` since 2025-03-31.
  parent: z.object({ subscription_details: details }).nullish(),
  subscription: reference.nullish(),
  subscription_details: details,
});

export const stripeCheckout = z.object({
  id,
  mode: z.string(),
  customer: reference.nullish(),
  subscription: reference.nullish(),
  metadata,
});

export const stripeEvent = z.object({ id, type: z.string().min(1).max(255), created: seconds, data: z.object({ object: z.unknown() }) });
