import { settingsOf } from '@coucou/features/feature';
import { z } from 'zod';
import { BillingSettings } from './application/billing-ports.ts';
import { billingLimits } from './domain/limits.ts';
import type { Plan } from './domain/plan.ts';
import { createPayments } from './stripe/payments.ts';

const id = z.string().min(1).max(billingLimits.id);
const limit = z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional();

const plan = z
  .strictObject({
    id,
    name: z.string().min(1).max(billingLimits.id),
    prices: z.array(id).max(20).default([]),
    default: z.boolean().default(false),
    limits: z
      .strictObject({
        seats: z.union([z.literal('quantity'), z.int().min(0)]).optional(),
        monthlyActive: limit,
        messages: limit,
        storageBytes: limit,
      })
      .default({}),
  })
  .transform(({ default: isDefault, ...rest }): Plan => ({ ...rest, isDefault }));

const isUnique = (values: readonly string[]): boolean => new Set(values).size === values.length;

const plans = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is no JSON');
      return z.NEVER;
    }
  })
  .pipe(z.array(plan).max(50))
  .refine((all) => isUnique(all.map(({ id: each }) => each)) && isUnique(all.flatMap(({ prices }) => prices)))
  .refine((all) => all.filter(({ isDefault }) => isDefault).length <= 1);

export const billingSettings = settingsOf(
  BillingSettings,
  {
    BILLING_PLANS: {
      about: 'Plans that accounts may have, with their limits, by the ids of prices of Stripe. Without any, nothing is limited.',
      expects:
        'a JSON list of {"id", "name", "prices": [ids of prices], "limits": {"seats": number or "quantity", "monthlyActive", "messages", "storageBytes"}, "default": true for one at most}, with ids and prices in one plan each',
      fallback: '[]',
      example: '[{"id":"free","name":"Free","default":true,"limits":{"seats":5,"messages":10000}}]',
      schema: plans,
    },
    BILLING_GRACE_DAYS: {
      about: 'How long a plan stays in force after a payment has failed, in days.',
      expects: 'a whole number of days from 0 to 90',
      fallback: '7',
      schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(0).max(90)),
    },
    STRIPE_WEBHOOK_SECRET: {
      about: 'The signing secret of the endpoint at Stripe that calls /webhooks/stripe of this server.',
      expects: 'a secret as Stripe shows it, beginning with whsec_',
      secret: true,
      example: '',
      schema: z.string().startsWith('whsec_').max(billingLimits.id),
    },
    STRIPE_SECRET_KEY: {
      about:
        'The key for the API of Stripe: for checkouts and the portal, and to ask for a subscription whose events are in no clear order.',
      expects: 'a secret or restricted key of Stripe, beginning with sk_ or rk_',
      secret: true,
      example: '',
      schema: z.string().regex(/^[sr]k_\S{1,250}$/),
    },
    STRIPE_API_URL: {
      about: 'Where the API of Stripe is, for a stand-in in tests.',
      expects: 'an http or https address',
      fallback: 'https://api.stripe.com',
      schema: z.url({ protocol: /^https?$/ }),
    },
  },
  ({ BILLING_PLANS, BILLING_GRACE_DAYS, STRIPE_WEBHOOK_SECRET, STRIPE_SECRET_KEY, STRIPE_API_URL }) => ({
    plans: BILLING_PLANS,
    graceDays: BILLING_GRACE_DAYS,
    payments: createPayments({ webhookSecret: STRIPE_WEBHOOK_SECRET, secretKey: STRIPE_SECRET_KEY, apiUrl: new URL(STRIPE_API_URL) }),
  }),
);
