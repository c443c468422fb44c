import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, hasPostgres, redisUrl } from '../../../tests/support/database.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type ListeningApp, startTestApp } from '../../../tests/support/listening-app.ts';
import type { Database } from '../../../tests/support/template.ts';
import { event, invoiceObject, nextId, SECRET, sign, type Subscribed, subscriptionObject } from './stripe.ts';

/** The real server over HTTP, with what an operator configures. */
let app: ListeningApp;
let database: Database | undefined;
beforeAll(async () => {
  database = hasPostgres() ? await createDatabase() : undefined;
  app = await startTestApp({
    ...(database && { database, redisUrl: redisUrl() }),
    env: {
      SYSTEM_KEY: 'a-system-key-for-the-tests-of-billing',
      STRIPE_WEBHOOK_SECRET: SECRET,
      BILLING_PLANS: JSON.stringify([{ id: 'team', name: 'Team', prices: ['price_team', 'price_b'], limits: { seats: 'quantity' } }]),
    },
  });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

const DOORS = ['/webhooks/stripe', '/api/webhooks/stripe', '/api/v1/webhooks/stripe'];

async function post(payload: string | Uint8Array, signatures: readonly string[], path = DOORS[0] ?? '', type = 'application/json') {
  const headers: [string, string][] = [['content-type', type], ...signatures.map((each): [string, string] => ['stripe-signature', each])];
  const answer = await fetch(new URL(path, app.url), { method: 'POST', headers, body: payload });
  const text = await answer.text();
  return { status: answer.status, code: text === '' ? undefined : (JSON.parse(text) as { code: string }).code };
}

async function operator(method: string, path: string, body: object): Promise<Payload> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer a-system-key-for-the-tests-of-billing' };
  const answer = await fetch(`${app.url}/api/v1/system/accounts${path}`, { method, headers, body: JSON.stringify(body) });
  return answer.json();
}

async function newCustomer() {
  const clientKey = nextId('client').replace('_', '-');
  const { id } = await operator('POST', '', { name: 'A customer', clientKey });
  const of: Subscribed = { id: nextId('sub'), customer: nextId('cus'), account: id };
  const link = () => operator('PUT', `/${clientKey}/billing`, { customerId: of.customer });
  await link();
  return { of, link };
}

describe('the door for Stripe', () => {
  it('takes the bytes that were signed, at each of its paths', async () => {
    const payload = ` ${event('customer.created', { id: 'cus_1', name: 'Zoë 😀' })}\n`;
    for (const path of DOORS) expect(await post(payload, [sign(payload)], path)).toEqual({ status: 204, code: undefined });
    expect(await post(JSON.stringify(JSON.parse(payload)), [sign(payload)])).toEqual({ status: 400, code: 'BILLING_SIGNATURE_INVALID' });
  });

  it.each<[string, () => ReturnType<typeof post>, number, string]>([
    ['no signature', () => post('{}', []), 400, 'BILLING_SIGNATURE_INVALID'],
    ['two headers', () => post('{}', [sign('{}'), sign('{}')]), 400, 'BILLING_SIGNATURE_INVALID'],
    ['an old one', () => post('{}', [sign('{}', new Date(Date.now() - 400_000))]), 400, 'BILLING_SIGNATURE_INVALID'],
    ['another secret', () => post('{}', [sign('{}', new Date(), 'whsec_x')]), 400, 'BILLING_SIGNATURE_INVALID'],
    ['1 MB', () => post('x'.repeat(1_000_000), [sign('{}')]), 413, 'PAYLOAD_TOO_LARGE'],
    ['a header of 5,000 characters', () => post('{}', [`t=1,v1=${'0'.repeat(5_000)}`]), 400, 'VALIDATION_FAILED'],
    ['what is no UTF-8', () => post(new Uint8Array([0xff, 0xfe]), [sign('{}')]), 400, 'MALFORMED_JSON'],
    ['another type', () => post('{}', [sign('{}')], DOORS[0], 'text/plain'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no body', () => post('', [sign('')]), 400, 'BILLING_SIGNATURE_INVALID'],
  ])('refuses %s', async (_, refused, status, code) => {
    expect(await refused()).toEqual({ status, code });
  });

  it('ends shuffled and doubled histories as in order', async () => {
    const told = ({ of }: Awaited<ReturnType<typeof newCustomer>>, name: string) => {
      let second = 0;
      const tell = (type: string, object: object) =>
        event(type, object, new Date((1_767_000_000 + (second += 1)) * 1_000), `evt_${name}_${second}`);
      const invoice = nextId('in');
      const subscription = (more: object = {}) => subscriptionObject(of, { ...more });
      return [
        tell('customer.subscription.created', subscription({ status: 'incomplete' })),
        tell('invoice.paid', invoiceObject(of, { id: `${invoice}a` })),
        tell('customer.subscription.updated', subscription()),
        tell('checkout.session.completed', { id: 'cs_1', mode: 'subscription', customer: of.customer, subscription: of.id, metadata: {} }),
        tell('customer.subscription.updated', subscription({ quantity: 8, price: 'price_b' })),
        tell('invoice.payment_failed', invoiceObject(of, { id: `${invoice}b`, created: 1_767_100_000 })),
        tell('customer.subscription.updated', subscription({ quantity: 8, price: 'price_b', status: 'past_due' })),
      ];
    };
    const end = async ({ link }: Awaited<ReturnType<typeof newCustomer>>) => {
      const { standing, graceEndsAt, limits, subscription } = await link();
      return { standing, graceEndsAt, limits, status: subscription.status };
    };
    const inOrder = await newCustomer();
    for (const payload of told(inOrder, 'order')) expect((await post(payload, [sign(payload)])).status).toBe(204);
    const expected = await end(inOrder);
    // Its seconds are long past: the grace period has ended.
    expect(expected).toMatchObject({ standing: 'ended', status: 'past_due' });
    const orders = [(at: number) => -at, (at: number) => (at * 5) % 7, (at: number) => (at * 3 + 1) % 7];
    await Promise.all(
      orders.map(async (place, run) => {
        const customer = await newCustomer();
        const payloads = told(customer, `run${run}`);
        const shuffled = payloads.map((payload, at) => ({ payload, place: place(at) })).toSorted((a, b) => a.place - b.place);
        const twice = [...shuffled, ...shuffled.toReversed()];
        // Several at once, as Stripe sends them.
        for (let at = 0; at < twice.length; at += 4) {
          const answers = await Promise.all(twice.slice(at, at + 4).map(({ payload }) => post(payload, [sign(payload)])));
          expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 204));
        }
        expect(await end(customer)).toEqual(expected);
      }),
    );
  });
});
