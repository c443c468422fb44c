import { clientKey } from '@coucou/contracts/accounts/accounts';
import { operation } from '@coucou/contracts/kernel/operation';
import { counter, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { billingLimits } from '../domain/limits.ts';

const planId = z
  .string()
  .min(1)
  .max(billingLimits.id)
  .meta({ description: 'which plan, as the operator named it', examples: ['team'] });
const customerId = z
  .string()
  .regex(/^\w{1,255}$/)
  .meta({ description: 'which customer of Stripe', examples: ['cus_QXg1o8vcGmoR32'] });
const address = z
  .url({ protocol: /^https?$/ })
  .max(billingLimits.url)
  .meta({ examples: ['https://chat.example.com/settings/plan'] });

const Limits = z
  .object({
    seats: counter.optional().meta({ description: 'people who are no guests' }),
    monthlyActive: counter.optional().meta({ description: 'people who write in a month' }),
    messages: counter.optional().meta({ description: 'messages of a month' }),
    storageBytes: counter.optional().meta({ description: 'bytes of attachments' }),
  })
  .meta({ id: 'PlanLimits', description: 'An absent limit is no limit.' });

const Plan = z
  .object({
    id: planId,
    name: z.string().meta({ examples: ['Team'] }),
    limits: Limits,
    seatsByQuantity: z.boolean().meta({ description: 'it has as many seats as are paid for' }),
    forSale: z.boolean().meta({ description: 'a checkout sells it' }),
  })
  .meta({ id: 'Plan' });

export const Billing = z
  .object({
    standing: z.enum(['none', 'trialing', 'active', 'grace', 'ended']).meta({
      description: '`grace`: a payment failed, and the plan stays in force until `graceEndsAt`; `ended`: the subscription counts no more',
    }),
    plan: z
      .object({ id: planId, name: z.string().meta({ examples: ['Team'] }) })
      .optional()
      .meta({ description: 'absent: nothing is limited' }),
    limits: Limits,
    graceEndsAt: time.optional(),
    subscription: z
      .object({
        id: z.string().meta({ examples: ['sub_1MowQVLkdIwHu7ix'] }),
        status: z.string().meta({ description: 'as Stripe names it', examples: ['active'] }),
        quantity: counter,
        currentPeriodEnd: time.optional(),
        cancelAtPeriodEnd: z.boolean(),
      })
      .optional(),
  })
  .meta({ id: 'Billing' });

const admin = { access: 'admin' } as const;

export const listPlans = operation({
  name: 'admin.listPlans',
  summary: 'The plans that the operator offers.',
  http: { method: 'GET', path: '/admin/billing/plans', status: 200 },
  ...admin,
  scope: 'billing:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(Plan) }),
  errors: [],
});

export const getBilling = operation({
  name: 'admin.getBilling',
  summary: 'The subscription of the account, and the plan with its limits that is in force.',
  http: { method: 'GET', path: '/admin/billing', status: 200 },
  ...admin,
  scope: 'billing:read',
  input: z.strictObject({}),
  output: Billing,
  errors: [],
});

export const getUsage = operation({
  name: 'admin.getUsage',
  summary: 'What the account uses of its plan, counted now; months in UTC, the newest first.',
  http: { method: 'GET', path: '/admin/billing/usage', status: 200 },
  ...admin,
  scope: 'billing:read',
  input: z.strictObject({ months: z.int().min(1).max(billingLimits.months).default(1) }),
  output: z.object({
    seats: counter,
    storageBytes: counter,
    limits: Limits,
    months: z.array(
      z.object({
        month: z
          .string()
          .regex(/^\d{4}-\d{2}$/)
          .meta({ examples: ['2026-01'] }),
        messages: counter,
        monthlyActive: counter,
      }),
    ),
  }),
  errors: [],
});

const url = z.object({
  url: z.string().meta({ description: 'a page of Stripe to send the person to', examples: ['https://checkout.stripe.com/c/pay/x'] }),
});

export const createCheckout = operation({
  name: 'admin.createCheckout',
  summary: 'Open a checkout of Stripe for a plan. What was paid for is in force when Stripe tells of it, not when the person comes back.',
  http: { method: 'POST', path: '/admin/billing/checkout', status: 201 },
  ...admin,
  scope: 'billing:write',
  input: z.strictObject({
    planId,
    quantity: z.int().min(1).max(billingLimits.quantity).default(1).meta({ description: 'seats, where the plan is paid by seats' }),
    successUrl: address,
    cancelUrl: address,
  }),
  output: url,
  errors: ['BILLING_NOT_CONFIGURED', 'BILLING_PLAN_NOT_FOUND', 'BILLING_ALREADY_SUBSCRIBED'],
});

export const openPortal = operation({
  name: 'admin.openBillingPortal',
  summary: 'Open the portal of Stripe, where the subscription is changed, paid and ended.',
  http: { method: 'POST', path: '/admin/billing/portal', status: 201 },
  ...admin,
  scope: 'billing:write',
  input: z.strictObject({ returnUrl: address }),
  output: url,
  errors: ['BILLING_NOT_CONFIGURED', 'BILLING_NO_CUSTOMER'],
});

export const putBilling = operation({
  name: 'accounts.putBilling',
  summary: 'Say which customer of Stripe an account is, and which plan it has without a subscription; what is absent it has none of.',
  http: { method: 'PUT', path: '/system/accounts/:clientKey/billing', status: 200 },
  access: 'system',
  input: z.strictObject({ clientKey, customerId: customerId.optional(), planId: planId.optional() }),
  output: Billing,
  errors: ['ACCOUNT_NOT_FOUND', 'BILLING_PLAN_NOT_FOUND'],
});

const example = {
  id: 'evt_1MowQVLkdIwHu7ix',
  object: 'event',
  type: 'invoice.paid',
  created: 1_767_000_000,
  data: { object: { id: 'in_1MowQVLkdIwHu7ix', object: 'invoice', customer: 'cus_QXg1o8vcGmoR32', created: 1_767_000_000 } },
};

export const receiveStripeEvent = operation({
  name: 'billing.receiveStripeEvent',
  summary: 'An event of Stripe, signed by it. What is no news, or concerns nobody here, is acknowledged all the same.',
  http: {
    method: 'POST',
    path: '/webhooks/stripe',
    status: 204,
    also: ['/webhooks/stripe', '/api/webhooks/stripe'],
    signed: { header: 'stripe-signature', bodyField: 'payload', headerField: 'signature', maxBytes: billingLimits.eventBytes, example },
  },
  access: 'public',
  input: z.strictObject({
    payload: z.string().max(billingLimits.eventBytes),
    signature: z.string().max(billingLimits.signature),
  }),
  errors: ['BILLING_NOT_CONFIGURED', 'BILLING_SIGNATURE_INVALID', 'BILLING_EVENT_INVALID'],
});
