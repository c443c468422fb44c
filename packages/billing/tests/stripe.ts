import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { BillingSettings } from '../src/application/billing-ports.ts';
import type { Plan } from '../src/domain/plan.ts';
import { createPayments } from '../src/stripe/payments.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { openTestApp, type TestApp } from '../../../tests/support/test-app.ts';

export const SECRET = 'whsec_of_the_tests_of_billing';

export const plans: readonly Plan[] = [
  { id: 'free', name: 'Free', prices: [], isDefault: true, limits: { seats: 40 } },
  { id: 'team', name: 'Team', prices: ['price_team'], isDefault: false, limits: { seats: 'quantity', messages: 1_000 } },
  { id: 'small', name: 'Small', prices: ['price_small'], isDefault: false, limits: { messages: 3, monthlyActive: 2, storageBytes: 2_000 } },
  { id: 'writers', name: 'Writers', prices: [], isDefault: false, limits: { monthlyActive: 2 } },
];

let last = 0;
export const nextId = (kind: string): string => `${kind}_${(last += 1).toString().padStart(6, '0')}`;

export const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000);

export type Subscribed = Readonly<{ id: string; customer: string; account: string | undefined }>;

/** The objects of Stripe as its API of 2025-03-31 and later has them, without what is not read. */
export const subscriptionObject = ({ id, customer, account }: Subscribed, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  object: 'subscription',
  customer,
  status: 'active',
  created: 1_767_000_000,
  cancel_at_period_end: false,
  currency: 'eur',
  metadata: account === undefined ? {} : { coucou_account: account },
  ...more,
  items: {
    object: 'list',
    data: [
      {
        id: 'si_1',
        object: 'subscription_item',
        price: { id: more['price'] ?? 'price_team', object: 'price', recurring: { interval: 'month' } },
        quantity: more['quantity'] ?? 3,
        current_period_start: 1_767_000_000,
        current_period_end: 1_769_678_400,
      },
    ],
  },
});

export const invoiceObject = ({ id, customer, account }: Subscribed, more: Readonly<Record<string, unknown>> = {}) => ({
  id: nextId('in'),
  object: 'invoice',
  customer,
  created: 1_767_000_000,
  amount_due: 2_900,
  parent: {
    type: 'subscription_details',
    subscription_details: { subscription: id, metadata: account === undefined ? {} : { coucou_account: account } },
  },
  ...more,
});

export const event = (type: string, object: unknown, at = new Date(), id = nextId('evt')): string =>
  JSON.stringify({ id, object: 'event', api_version: '2025-09-30.clover', created: seconds(at), type, data: { object }, livemode: false });

/** By Stripe's own helper for tests. */
export const sign = (payload: string, at = new Date(), secret = SECRET): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: seconds(at) });

/** The same by hand, for what that helper does not make. */
export const signatureOf = (payload: string, time: number): string =>
  createHmac('sha256', SECRET).update(`${time}.${payload}`).digest('hex');

/** An HTTP server in place of the API of Stripe, which answers what is put there, and keeps what it was asked. */
export type StripeStandIn = Readonly<{
  url: URL;
  asked: { method: string; path: string; form: URLSearchParams; headers: Readonly<Record<string, unknown>> }[];
  /** Objects by path. */
  objects: Map<string, object>;
  close(): Promise<void>;
}>;

export async function openStripe(): Promise<StripeStandIn> {
  const asked: StripeStandIn['asked'] = [];
  const objects = new Map<string, object>();
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method = '', url: path = '', headers } = request;
    asked.push({ method, path, form: new URLSearchParams(body), headers });
    const found = objects.get(path);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(found ?? { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such object' } }),
    );
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    asked,
    objects,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `key.isSet`: whether the server has a key for the API; a test may change it at any time. */
export async function openBillingApp(stripe: StripeStandIn, key = { isSet: true }): Promise<TestApp> {
  const made = (secretKey: string | undefined) => createPayments({ secretKey, webhookSecret: SECRET, apiUrl: stripe.url });
  const [asking, silent] = [made('sk_test_of_the_tests'), made(undefined)];
  return openTestApp({
    overrides: [
      (container) =>
        container.provide(BillingSettings, () => ({
          plans,
          graceDays: 7,
          get payments() {
            return key.isSet ? asking : silent;
          },
        })),
    ],
  });
}

/** Signed by the app's clock. */
export const receive = (app: TestApp, payload: string, signature = sign(payload, app.time.now)): Promise<Payload> =>
  app.visitor().call('billing.receiveStripeEvent', { payload, signature });
