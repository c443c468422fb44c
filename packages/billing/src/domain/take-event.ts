import type { StripeEvent } from './stripe-event.ts';
import { type Content, Subscription } from './subscription.ts';

export type Taken = Readonly<{ next: Subscription; isUnclear: boolean }>;

/**
 * What an event makes of what is known of its subscription. Events may come in any order and any number of times: all orders end in the same.
 * `asked`: what Stripe answered, where an earlier try was unclear.
 */
export function takeEvent(known: Subscription, { id, at, said }: StripeEvent, asked?: Readonly<{ content: Content | undefined }>): Taken {
  if (said.is === 'other') return { next: known, isUnclear: false };
  if (said.is === 'invoice') return { next: Subscription.bill(known, said.invoice), isUnclear: false };
  // Without a snapshot there is nothing yet to say what was bought.
  if (said.is === 'checkout') {
    if (asked?.content !== undefined && known.snapshot === undefined)
      return { next: Subscription.observe(known, { content: asked.content, at, origin: 'created', eventId: id }).next, isUnclear: false };
    return { next: known, isUnclear: known.snapshot === undefined && asked === undefined };
  }
  const observed = Subscription.observe(known, { content: said.content, at, origin: said.origin, eventId: id });
  if (!observed.isUnclear || asked === undefined) return observed;
  return {
    next: asked.content === undefined ? observed.next : Subscription.settle(known, asked.content, { at, eventId: id }),
    isUnclear: false,
  };
}
