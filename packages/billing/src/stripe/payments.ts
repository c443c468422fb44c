import { loggableError } from '@coucou/application/kernel/loggable-error';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { Stripe } from 'stripe';
import type { Payments } from '../application/billing-ports.ts';
import { billingErrors } from '../domain/billing-errors.ts';
import { contentOf, readEvent } from './read-event.ts';
import { requireSingle } from './signature.ts';
import { stripeSubscription } from './stripe-shapes.ts';

export type PaymentOptions = Readonly<{
  secretKey: string | undefined;
  webhookSecret: string | undefined;
  /** Of Stripe's API; another one in tests. */
  apiUrl: URL;
}>;

const TIMEOUT_MS = 10_000;
/** The library's own check knows nothing of the time: that of the header was compared with the clock of this server. */
const NO_TOLERANCE = 0;

/** Stripe, loaded when it is first needed: most servers have no use for it. */
export function createPayments({ secretKey, webhookSecret, apiUrl }: PaymentOptions): Payments {
  let made: Promise<Stripe> | undefined;
  const client = (key: string): Promise<Stripe> =>
    (made ??= import('stripe').then(
      ({ default: Client }) =>
        new Client(key, {
          host: apiUrl.hostname,
          port: apiUrl.port || (apiUrl.protocol === 'https:' ? 443 : 80),
          protocol: apiUrl.protocol === 'https:' ? 'https' : 'http',
          timeout: TIMEOUT_MS,
          maxNetworkRetries: 1,
          telemetry: false,
        }),
    ));

  const ask = async <Answer>(work: (stripe: Stripe) => Promise<Answer>): Promise<Answer> => {
    if (secretKey === undefined) throw billingErrors.NOT_CONFIGURED({ setting: 'STRIPE_SECRET_KEY' });
    try {
      return await work(await client(secretKey));
    } catch (error) {
      if (error instanceof ChatError) throw error;
      throw errors.SERVICE_UNAVAILABLE({ service: 'stripe' }, { cause: error });
    }
  };
  const absentAsUndefined = (error: unknown): undefined => {
    if ((error as { code?: unknown }).code === 'resource_missing') return undefined;
    throw error;
  };
  const addressOf = (url: string | null): string => {
    if (url === null) throw errors.SERVICE_UNAVAILABLE({ service: 'stripe', reason: 'it answered no address' });
    return url;
  };

  return {
    hasKey: secretKey !== undefined,

    async read({ payload, signature }, now) {
      if (webhookSecret === undefined) throw billingErrors.NOT_CONFIGURED({ setting: 'STRIPE_WEBHOOK_SECRET' });
      requireSingle(signature, now);
      const { default: Client } = await import('stripe');
      let body: unknown;
      try {
        body = await Client.webhooks.constructEventAsync(payload, signature, webhookSecret, NO_TOLERANCE);
      } catch (error) {
        const isUnsigned = error instanceof Client.errors.StripeSignatureVerificationError;
        throw isUnsigned
          ? billingErrors.SIGNATURE_INVALID({ reason: 'wrong' })
          : billingErrors.EVENT_INVALID({ fields: [] }, { cause: loggableError(error) });
      }
      return readEvent(body);
    },

    createCustomer: (account) =>
      ask(async ({ customers }) => {
        const metadata = { coucou_account: account };
        return (await customers.create({ metadata }, { idempotencyKey: `coucou-customer-${account}` })).id;
      }),

    openCheckout: ({ account, customerId, priceId, quantity, successUrl, cancelUrl }) =>
      ask(async ({ checkout }) => {
        const metadata = { coucou_account: account };
        const { url } = await checkout.sessions.create({
          mode: 'subscription',
          customer: customerId,
          line_items: [{ price: priceId, quantity }],
          success_url: successUrl,
          cancel_url: cancelUrl,
          metadata,
          // By which every event of the subscription and of its invoices says whose it is.
          subscription_data: { metadata },
        });
        return addressOf(url);
      }),

    openPortal: (customerId, returnUrl) =>
      ask(async ({ billingPortal }) =>
        addressOf((await billingPortal.sessions.create({ customer: customerId, return_url: returnUrl })).url),
      ),

    subscription: (id) =>
      ask(async ({ subscriptions }) => {
        const found = await subscriptions.retrieve(id).catch(absentAsUndefined);
        return found && contentOf(stripeSubscription.parse(found));
      }),

    accountOf: (customerId) =>
      ask(async ({ customers }) => {
        const found = await customers.retrieve(customerId).catch(absentAsUndefined);
        return found === undefined || found.deleted === true ? undefined : found.metadata['coucou_account'];
      }),
  };
}
