import { defineErrors } from '@coucou/domain/kernel/errors';

export const billingErrors = defineErrors('BILLING', {
  NOT_CONFIGURED: ['unavailable', 'Billing is not configured on this server: its operator sets the Stripe settings.'],
  SIGNATURE_INVALID: ['malformed', 'The event is not signed by Stripe for this server, or was signed too long ago.'],
  EVENT_INVALID: ['malformed', 'The event is none of Stripe that this server can read.'],
  PLAN_NOT_FOUND: ['not_found', 'There is no such plan.'],
  ALREADY_SUBSCRIBED: ['conflict', 'The account has a subscription: change it in the portal.'],
  NO_CUSTOMER: ['conflict', 'The account has no customer yet: open a checkout first.'],
});
