import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import * as billing from './application/administer-billing.ts';
import { limitMessages } from './application/limit-messages.ts';
import { receiveStripeEvent } from './application/receive-stripe-event.ts';
import { keepBilling } from './application/upkeep.ts';
import * as contracts from './contracts/operations.ts';
import { billingActions } from './domain/audit-actions.ts';
import { billingErrors } from './domain/billing-errors.ts';
import { limitNewAccounts } from './hooks.ts';
import * as presenters from './presenters.ts';
import { billingSettings } from './settings.ts';
import { billingStorage } from './storage/billing-storage.ts';

/** Billing: subscriptions at Stripe, plans with limits, and what of them is used. */
export const billingFeature = feature({
  name: 'billing',
  operations: [
    bind(contracts.receiveStripeEvent, receiveStripeEvent, () => {}),
    bind(contracts.listPlans, billing.listPlans, presenters.presentPlans),
    bind(contracts.getBilling, billing.getBilling, presenters.presentBilling),
    bind(contracts.getUsage, billing.getUsage, presenters.presentUsage),
    bind(contracts.createCheckout, billing.createCheckout, presenters.presentUrl),
    bind(contracts.openPortal, billing.openPortal, presenters.presentUrl),
    bind(contracts.putBilling, billing.putBilling, presenters.presentBilling),
  ],
  auditActions: [billingActions],
  errors: [billingErrors],
  settings: billingSettings,
  hooks: [limitMessages, limitNewAccounts],
  jobs: [keepBilling],
  storage: billingStorage,
});
