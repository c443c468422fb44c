import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { createPayments } from '../src/stripe/payments.ts';
import { billingOf, newCustomer, repositories, subscriber, upkeep } from './customers.ts';
import {
  event,
  invoiceObject,
  nextId,
  openBillingApp,
  openStripe,
  receive,
  seconds,
  sign,
  signatureOf,
  type StripeStandIn,
  subscriptionObject,
} from './stripe.ts';

let app: TestApp;
let stripe: StripeStandIn;
const key = { isSet: false };
beforeAll(async () => {
  stripe = await openStripe();
  app = await openBillingApp(stripe, key);
});
afterAll(async () => {
  await app.close();
  await stripe.close();
});
beforeEach(() => {
  key.isSet = false;
  app.time.now = undefined;
});

const JANUARY = new Date('2026-01-01T00:00:00Z');
const later = (days: number, from = JANUARY): Date => new Date(from.getTime() + days * 86_400_000);
const FREE = { standing: 'none', plan: { id: 'free', name: 'Free' }, limits: { seats: 40 } };

describe('what Stripe tells', () => {
  it('puts the plan in force that is paid for, and takes it away when it ends', async () => {
    const customer = await newCustomer(app);
    expect(await billingOf(customer)).toEqual(FREE);
    const tell = (type: string, more: object, days: number) =>
      receive(app, event(`customer.subscription.${type}`, subscriptionObject(customer.of, { ...more }), later(days)));
    await tell('created', { status: 'incomplete' }, 0);
    expect(await billingOf(customer)).toMatchObject({ ...FREE, subscription: { status: 'incomplete' } });
    await tell('updated', {}, 0);
    expect(await billingOf(customer)).toEqual({
      standing: 'active',
      plan: { id: 'team', name: 'Team' },
      limits: { seats: 3, messages: 1_000 },
      subscription: {
        id: customer.of.id,
        status: 'active',
        quantity: 3,
        currentPeriodEnd: '2026-01-29T09:20:00.000Z',
        cancelAtPeriodEnd: false,
      },
    });
    await tell('deleted', { status: 'canceled' }, 3);
    await tell('updated', { quantity: 9 }, 2);
    expect(await billingOf(customer)).toMatchObject({ standing: 'ended', plan: { id: 'free' }, limits: { seats: 40 } });
    const { items } = await customer.owner.call('admin.listAuditLogs', { limit: 2 });
    expect(items).toMatchObject([
      { action: 'plan_changed', actor: { kind: 'system' }, details: { plan: 'free', standing: 'ended' } },
      { action: 'plan_changed', details: { plan: 'team', standing: 'active' } },
    ]);
  });

  it('gives a failed payment some days, and none to one that was paid since', async () => {
    const customer = await subscriber(app);
    const { of } = customer;
    const invoice = nextId('in');
    const failed = later(30);
    app.time.now = later(31);
    await receive(app, event('invoice.payment_failed', invoiceObject(of, { id: invoice }), failed));
    await receive(app, event('customer.subscription.updated', subscriptionObject(of, { status: 'past_due' }), failed));
    expect(await billingOf(customer)).toMatchObject({
      standing: 'grace',
      plan: { id: 'team' },
      graceEndsAt: later(37).toISOString(),
    });
    app.time.now = later(37);
    expect(await billingOf(customer)).toMatchObject({ standing: 'ended', plan: { id: 'free' } });
    await upkeep(app);
    expect(await repositories(app).read(customer.owner.account, (tx) => tx.billing.lookup())).toMatchObject({
      plan: 'free',
      standing: 'ended',
    });
    await receive(app, event('invoice.paid', invoiceObject(of, { id: invoice }), later(37)));
    // Before the subscription's own event comes.
    expect(await billingOf(customer)).toMatchObject({ standing: 'active', plan: { id: 'team' } });
  });

  it('counts once: twenty times the same event at once, and again', async () => {
    const customer = await newCustomer(app);
    const payload = event('customer.subscription.created', subscriptionObject(customer.of));
    await Promise.all(Array.from({ length: 20 }, () => receive(app, payload)));
    await receive(app, payload);
    const { items } = await customer.owner.call('admin.listAuditLogs', { limit: 10 });
    expect(items.filter(({ action }: Payload) => action === 'plan_changed')).toMatchObject([
      { details: { plan: 'team' } },
      { details: { plan: 'free' } },
    ]);
  });

  it('changes nothing for another account, nor for a customer of nobody', async () => {
    const [mine, other] = [await subscriber(app), await newCustomer(app)];
    const before = [await billingOf(mine), await billingOf(other)];
    const ended = (of: object) =>
      receive(app, event('customer.subscription.deleted', subscriptionObject({ ...mine.of, ...of }, { status: 'canceled' })));
    // My subscription under the other's customer and account, the other's customer under my account, and the other way round.
    await ended({ customer: other.of.customer, account: other.of.account });
    await ended({ customer: other.of.customer });
    await ended({ account: other.of.account });
    await ended({ customer: 'cus_nobody', account: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f' });
    await ended({ account: 'not an id' });
    await ended({ account: undefined });
    expect(await billingOf(mine)).toEqual(before[0]);
    // Of its own customer it believes what Stripe says.
    expect(await billingOf(other)).toMatchObject({ plan: { id: 'free' }, standing: 'ended' });
  });

  it('counts no more where the operator names another customer', async () => {
    const customer = await subscriber(app);
    const put = (customerId?: string) => app.operator().call('accounts.putBilling', { clientKey: customer.clientKey, customerId });
    for (const customerId of ['cus_another', undefined]) expect(await put(customerId)).toEqual(FREE);
    expect(await put(customer.of.customer)).toMatchObject({ plan: { id: 'team' } });
  });

  it('is acknowledged where it is of no use: other types, one-time payments', async () => {
    const { of } = await subscriber(app);
    for (const [type, object] of [
      ['customer.created', { id: of.customer }],
      ['invoice.paid', { id: 'in_1', customer: of.customer, created: 1, parent: null }],
      ['checkout.session.completed', { id: 'cs_1', mode: 'payment', customer: of.customer, subscription: null }],
      ['__proto__', {}],
    ] as const)
      expect(await receive(app, event(type, object))).toBeUndefined();
  });

  it('reads invoices of older versions of the API, with an expanded customer', async () => {
    const customer = await subscriber(app, { status: 'past_due' });
    const { id, account, customer: of } = customer.of;
    const old = {
      id: 'in_old',
      customer: { id: of },
      created: 1,
      subscription: id,
      subscription_details: { metadata: { coucou_account: account } },
    };
    await receive(app, event('invoice.paid', old));
    expect(await billingOf(customer)).toMatchObject({ standing: 'active' });
  });
});

describe('an order that is unclear', () => {
  const quantity = async (customer: Awaited<ReturnType<typeof newCustomer>>) => (await billingOf(customer)).subscription.quantity;
  const change = (of: Parameters<typeof subscriptionObject>[0], seats: number, at = JANUARY) =>
    event('customer.subscription.updated', subscriptionObject(of, { quantity: seats }), at);

  it('is asked for at Stripe, where there is a key, and once for events that come at once', async () => {
    key.isSet = true;
    const customer = await subscriber(app);
    const path = `/v1/subscriptions/${customer.of.id}`;
    stripe.objects.set(path, subscriptionObject(customer.of, { quantity: 7 }));
    await receive(app, change(customer.of, 7));
    await receive(app, change(customer.of, 5));
    expect(await quantity(customer)).toBe(7);
    await Promise.all(Array.from({ length: 4 }, (_, seats) => receive(app, change(customer.of, seats + 10))));
    expect(await quantity(customer)).toBe(7);
    await receive(app, change(customer.of, 8, later(1)));
    await receive(app, change(customer.of, 9));
    expect(await quantity(customer)).toBe(8);
  });

  it('changes nothing while Stripe cannot say, so that the event comes again', async () => {
    key.isSet = true;
    const customer = await subscriber(app);
    await receive(app, change(customer.of, 4));
    stripe.objects.set(`/v1/subscriptions/${customer.of.id}`, { id: customer.of.id });
    const again = change(customer.of, 6);
    expect(await refusal(receive(app, again))).toBe('SERVICE_UNAVAILABLE');
    stripe.objects.set(`/v1/subscriptions/${customer.of.id}`, subscriptionObject(customer.of, { quantity: 6 }));
    await receive(app, again);
    expect(await quantity(customer)).toBe(6);
  });

  it('is settled without a key as well, the same in every order', async () => {
    const [one, two] = [await subscriber(app), await subscriber(app)];
    const both = (of: Parameters<typeof subscriptionObject>[0]) => [change(of, 5), change(of, 6)];
    for (const payload of both(one.of)) await receive(app, payload);
    for (const payload of both(two.of).toReversed()) await receive(app, payload);
    expect(await quantity(one)).toBe(await quantity(two));
  });

  it('finds by the customer whose a subscription is that does not say, and by a checkout what was bought', async () => {
    key.isSet = true;
    const customer = await newCustomer(app);
    const { of } = customer;
    stripe.objects.set(`/v1/customers/${of.customer}`, { id: of.customer, object: 'customer', metadata: { coucou_account: of.account } });
    stripe.objects.set(`/v1/subscriptions/${of.id}`, subscriptionObject(of, { quantity: 2 }));
    const session = { id: 'cs_1', object: 'checkout.session', mode: 'subscription', customer: of.customer, subscription: of.id };
    await receive(app, event('checkout.session.completed', { ...session, metadata: {} }));
    expect(await billingOf(customer)).toMatchObject({ standing: 'active', limits: { seats: 2 } });
  });
});

describe('a signature', () => {
  const payload = event('customer.created', { id: 'cus_1' });
  const at = new Date();
  const now = seconds(at);
  const good = signatureOf(payload, now);
  const of = (shift: number) => sign(payload, new Date(at.getTime() + shift * 1_000));
  beforeEach(() => {
    app.time.now = at;
  });
  it.each<[string, string]>([
    ['missing', ''],
    ['malformed', 'a signature'],
    ['malformed', `t=${now}`],
    ['malformed', `v1=${good}`],
    ['malformed', `t=soon,v1=${good}`],
    ['malformed', `t=${now},v0=${good}`],
    ['old', of(-301)],
    ['old', of(302)],
    ['wrong', sign(payload, at, 'whsec_another')],
    ['wrong', sign(`${payload} `, at)],
    ['wrong', `t=${now - 1},v1=${good}`],
    ['wrong', `t=${now},v1=${[...good].toReversed().join('')}`],
    ['doubled', `${of(0)}, ${of(0)}`],
    ['doubled', `t=${now},v1=${good},v1=${good}`],
    ['doubled', `t=${now},t=${now - 400},v1=${good}`],
  ])('is refused: %s (%#)', async (reason, signature) => {
    await expect(receive(app, payload, signature)).rejects.toMatchObject({ code: 'BILLING_SIGNATURE_INVALID', details: { reason } });
  });

  it('may be one of two, while the secret is rolled', async () => {
    expect(await receive(app, payload, `t=${now},v1=${'0'.repeat(64)},v1=${good}`)).toBeUndefined();
  });

  it('says nothing of a body that is no event', async () => {
    for (const body of ['{', '[]', '{}', event('customer.subscription.created', { id: 'sub_1' }), event('invoice.paid', null)])
      expect(await refusal(receive(app, body, sign(body, at)))).toBe('BILLING_EVENT_INVALID');
  });

  it('cannot be checked without a secret', async () => {
    const none = createPayments({ secretKey: undefined, webhookSecret: undefined, apiUrl: new URL('http://127.0.0.1:9') });
    expect(await refusal(none.read({ payload, signature: of(0) }, at))).toBe('BILLING_NOT_CONFIGURED');
    expect(await refusal(none.createCustomer(app.visitor().account))).toBe('BILLING_NOT_CONFIGURED');
  });
});
