import type { Content, Invoice, Origin } from './subscription.ts';

type About = Readonly<{
  customerId: string;
  subscriptionId: string;
  /** Whose it is, as the subscription says. */
  account: string | undefined;
}>;

/** What an event says. */
export type Said =
  | (About & Readonly<{ is: 'subscription'; content: Content; origin: Origin }>)
  | (About & Readonly<{ is: 'invoice'; invoice: Invoice }>)
  /** A checkout ended well; what was bought is told by events of the subscription. */
  | (About & Readonly<{ is: 'checkout' }>)
  /** Of another type, or of something else than a subscription. */
  | Readonly<{ is: 'other' }>;

/** `at` has whole seconds. */
export type StripeEvent = Readonly<{ id: string; type: string; at: Date; said: Said }>;
