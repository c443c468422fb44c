import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { TestApp } from '../../../tests/support/test-app.ts';
import { openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { PlanSnapshots } from '../src/application/billing-ports.ts';
import { countUntil } from '../src/application/usage.ts';
import { billingOf, type Customer, newCustomer, repositories, subscriber, upkeep } from './customers.ts';
import { event, nextId, openBillingApp, openStripe, receive, type StripeStandIn, subscriptionObject } from './stripe.ts';

let app: TestApp;
let stripe: StripeStandIn;
beforeAll(async () => {
  stripe = await openStripe();
  app = await openBillingApp(stripe);
});
afterAll(async () => {
  await app.close();
  await stripe.close();
});

const usage = ({ owner }: Customer, months = 1): Promise<Payload> => owner.call('admin.getUsage', { months });
const small = () => subscriber(app, { price: 'price_small' });

describe('seats', () => {
  const signUp = ({ owner }: Customer) => {
    const username = nextId('user').replace('_', '-');
    const more = { client: { ip: username, userAgent: 'test' } };
    return app
      .visitor(owner.account)
      .execute('auth.signup', { username, email: `${username}@example.com`, password: 'correct horse battery' }, more);
  };

  it('are as many as were paid for, also for people who come at once', async () => {
    const customer = await subscriber(app);
    const bob = () => app.person('bob', customer.owner.account);
    const results = await Promise.allSettled([bob(), bob(), bob(), signUp(customer)]);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toMatchObject(
      Array.from({ length: 2 }, () => ({
        code: 'PLAN_LIMIT_REACHED',
        kind: 'payment_required',
        details: { limit: 'seats', allowed: 3, used: 3 },
      })),
    );
    expect(await usage(customer)).toMatchObject({ seats: 3, limits: { seats: 3, messages: 1_000 } });
    const username = nextId('user').replace('_', '-');
    const made = { username, role: 'member', emailVerified: false };
    expect(await refusal(customer.owner.call('admin.createUser', made))).toBe('PLAN_LIMIT_REACHED');
    await receive(app, event('customer.subscription.updated', subscriptionObject(customer.of, { quantity: 4 }), new Date('2026-02-01')));
    await customer.owner.call('admin.createUser', made);
  });

  it('are not taken by guests, until they become members', async () => {
    const customer = await subscriber(app, { quantity: 1 });
    const guest = await app.person('guest', customer.owner.account, 'guest');
    await expect(app.person('bob', customer.owner.account)).rejects.toMatchObject({ code: 'PLAN_LIMIT_REACHED' });
    const member = { username: nextId('guest').replace('_', '-'), email: `${guest.id}@example.com`, password: 'correct horse battery' };
    expect(await refusal(guest.call('auth.upgradeGuest', member))).toBe('PLAN_LIMIT_REACHED');
  });

  it('are those of the default plan in an account without a subscription, and of a plan that the operator grants', async () => {
    const customer = await newCustomer(app);
    expect(await billingOf(customer)).toMatchObject({ plan: { id: 'free' }, limits: { seats: 40 } });
    const put = (more: object) => app.operator().call('accounts.putBilling', { clientKey: customer.clientKey, ...more });
    expect(await put({ planId: 'small' })).toMatchObject({ standing: 'none', plan: { id: 'small' }, limits: { messages: 3 } });
    const { items } = await customer.owner.call('admin.listAuditLogs', { limit: 5 });
    expect(items.find(({ action }: Payload) => action === 'plan_granted')).toMatchObject({
      actor: { kind: 'operator' },
      details: { plan: 'small' },
    });
    expect(await refusal(put({ planId: 'none' }))).toBe('BILLING_PLAN_NOT_FOUND');
    expect(await refusal(app.operator().call('accounts.putBilling', { clientKey: 'nobody-has-this' }))).toBe('ACCOUNT_NOT_FOUND');
  });

  it('of accounts that nobody linked are known after an upkeep', async () => {
    const account = await app.account();
    await upkeep(app);
    const owner = await app.person('carol', account, 'owner');
    expect(await owner.call('admin.getBilling', {})).toMatchObject({ plan: { id: 'free' } });
  });
});

describe('storage', () => {
  it('is taken when an upload is announced', async () => {
    const customer = await small();
    const create = (size: number) => customer.owner.call('attachments.create', { name: 'a.txt', type: 'text/plain', size });
    await create(1_500);
    await expect(create(600)).rejects.toMatchObject({
      code: 'PLAN_LIMIT_REACHED',
      details: { limit: 'storageBytes', allowed: 2_000, wanted: expect.any(Number) },
    });
    expect((await usage(customer)).storageBytes).toBeGreaterThanOrEqual(1_500);
  });
});

describe('messages and people who write', () => {
  it('are limited by a snapshot, which no message waits for; edits are not', async () => {
    const customer = await small();
    const { owner } = customer;
    const group = await openGroup(owner);
    const first = await send(owner, group, 'one');
    for (const text of ['two', 'three', 'four']) await send(owner, group, text);
    await send(owner, group, 'five');
    app.container.resolve(PlanSnapshots).forget(owner.account);
    await expect(send(owner, group, 'six')).rejects.toMatchObject({
      code: 'PLAN_LIMIT_REACHED',
      details: { limit: 'messages', allowed: 3, used: expect.any(Number) },
    });
    await owner.call('messages.edit', { messageId: first.id, content: 'one, edited' });
    await owner.call('messages.delete', { messageId: first.id, for: 'everyone' });
    // What was deleted was sent all the same.
    expect((await usage(customer)).months).toMatchObject([{ messages: 5, monthlyActive: 1 }]);
  });

  it('let those who wrote go on, when as many wrote as may', async () => {
    const customer = await newCustomer(app);
    const { owner, clientKey } = customer;
    const [bob, carol] = [await app.person('bob', owner.account), await app.person('carol', owner.account)];
    const group = await openGroup(owner, [bob, carol]);
    for (const each of [owner, bob]) await send(each, group, 'hello');
    await app.operator().call('accounts.putBilling', { clientKey, planId: 'writers' });
    await expect(send(carol, group, 'hello')).rejects.toMatchObject({ code: 'PLAN_LIMIT_REACHED', details: { limit: 'monthlyActive' } });
    for (const each of [owner, bob]) await send(each, group, 'hello again');
    expect((await usage(customer)).months).toMatchObject([{ messages: 4, monthlyActive: 2 }]);
  });
});

describe('usage', () => {
  it('is what is there, however often it is counted, and stays when that goes', async () => {
    const customer = await newCustomer(app);
    const { owner } = customer;
    const bob = await app.person('bob', owner.account);
    const group = await openGroup(owner, [bob]);
    for (const text of ['one', 'two', 'three']) await send(owner, group, text);
    const months = async () => (await usage(customer, 2)).months;
    const counted = await months();
    expect(counted).toMatchObject([{ messages: 3, monthlyActive: 1 }]);
    const count = (seconds: number) => countUntil(repositories(app), owner.account, new Date(Date.now() + seconds * 1_000));
    // Twice at once, as two nodes do where one lost its lease.
    await Promise.all([count(1), count(1)]);
    await count(2);
    expect(await months()).toEqual(counted);
    await send(bob, group, 'four');
    expect(await months()).toEqual(counted);
  });

  it('of a month that is over is kept', async () => {
    const customer = await newCustomer(app);
    const { owner } = customer;
    await send(owner, await openGroup(owner), 'one');
    const [{ month }] = (await usage(customer)).months;
    for (const days of [0, 40]) await countUntil(repositories(app), owner.account, new Date(Date.now() + days * 86_400_000));
    app.time.now = new Date(Date.now() + 40 * 86_400_000);
    const { months } = await usage(customer, 3);
    expect(months[0]).toMatchObject({ messages: 0, monthlyActive: 0 });
    expect(months.find((each: Payload) => each.month === month)).toEqual({ month, messages: 1, monthlyActive: 1 });
    app.time.now = undefined;
  });
});

describe('checkout and portal', () => {
  const back = { successUrl: 'https://chat.example.com/thanks', cancelUrl: 'https://chat.example.com/plans' };

  it('are pages of Stripe, for a customer that is made once', async () => {
    const clientKey = nextId('client').replace('_', '-');
    const { id } = await app.operator().call('accounts.create', { name: 'A customer', clientKey });
    const owner = await app.person('alice', asId(id), 'owner');
    expect(await refusal(owner.call('admin.openBillingPortal', { returnUrl: back.cancelUrl }))).toBe('BILLING_NO_CUSTOMER');
    const customer = nextId('cus');
    stripe.objects.set('/v1/customers', { id: customer, object: 'customer', metadata: {} });
    stripe.objects.set('/v1/checkout/sessions', { id: 'cs_1', object: 'checkout.session', url: 'https://checkout.stripe.com/c/pay/1' });
    stripe.objects.set('/v1/billing_portal/sessions', { id: 'bps_1', url: 'https://billing.stripe.com/p/session/1' });
    stripe.asked.length = 0;
    const checkout = () => owner.call('admin.createCheckout', { planId: 'team', quantity: 4, ...back });
    expect(await checkout()).toEqual({ url: 'https://checkout.stripe.com/c/pay/1' });
    await checkout();
    expect(stripe.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/customers',
      'POST /v1/checkout/sessions',
      'POST /v1/checkout/sessions',
    ]);
    const [made, opened] = stripe.asked;
    expect([made?.headers['idempotency-key'], made?.headers['authorization']]).toEqual([
      `coucou-customer-${id}`,
      'Bearer sk_test_of_the_tests',
    ]);
    expect(Object.fromEntries(opened?.form ?? [])).toEqual({
      mode: 'subscription',
      customer,
      'line_items[0][price]': 'price_team',
      'line_items[0][quantity]': '4',
      success_url: back.successUrl,
      cancel_url: back.cancelUrl,
      'metadata[coucou_account]': id,
      'subscription_data[metadata][coucou_account]': id,
    });
    expect(await owner.call('admin.openBillingPortal', { returnUrl: back.cancelUrl })).toEqual({
      url: 'https://billing.stripe.com/p/session/1',
    });
    await receive(app, event('customer.subscription.created', subscriptionObject({ id: nextId('sub'), customer, account: id })));
    expect(await refusal(checkout())).toBe('BILLING_ALREADY_SUBSCRIBED');
    const { items } = await owner.call('admin.listAuditLogs', { limit: 10 });
    expect(items.map(({ action }: Payload) => action)).toEqual(expect.arrayContaining(['checkout_opened', 'billing_portal_opened']));
  });

  it('are refused for a plan that is not for sale, and where Stripe cannot be reached', async () => {
    const { owner } = await newCustomer(app);
    for (const planId of ['free', 'nothing'])
      expect(await refusal(owner.call('admin.createCheckout', { planId, ...back }))).toBe('BILLING_PLAN_NOT_FOUND');
    stripe.objects.delete('/v1/checkout/sessions');
    expect(await refusal(owner.call('admin.createCheckout', { planId: 'team', ...back }))).toBe('SERVICE_UNAVAILABLE');
    for (const successUrl of ['javascript:alert(1)', '/thanks', 'ftp://example.com'])
      expect(await refusal(owner.call('admin.createCheckout', { planId: 'team', ...back, successUrl }))).toBe('VALIDATION_FAILED');
  });
});

describe('billing', () => {
  it('is for who administers the account, and API keys with the scope', async () => {
    const customer = await subscriber(app);
    const { account } = customer.owner;
    const bob = await app.person('bob', account);
    for (const name of ['admin.getBilling', 'admin.getUsage', 'admin.listPlans']) {
      expect(await refusal(bob.call(name, {}))).toBe('FORBIDDEN');
      expect(await refusal(app.visitor(account).call(name, {}))).toBe('UNAUTHENTICATED');
      expect(await refusal(app.byKey(['users:read'], account).call(name, {}))).toBe('FORBIDDEN');
      await app.byKey(['billing:read'], account).call(name, {});
    }
    expect(await customer.owner.call('admin.listPlans', {})).toEqual({
      items: [
        { id: 'free', name: 'Free', limits: { seats: 40 }, seatsByQuantity: false, forSale: false },
        { id: 'team', name: 'Team', limits: { messages: 1_000 }, seatsByQuantity: true, forSale: true },
        {
          id: 'small',
          name: 'Small',
          limits: { messages: 3, monthlyActive: 2, storageBytes: 2_000 },
          seatsByQuantity: false,
          forSale: true,
        },
        { id: 'writers', name: 'Writers', limits: { monthlyActive: 2 }, seatsByQuantity: false, forSale: false },
      ],
    });
  });

  it('never crosses accounts', async () => {
    const [mine, other] = [await small(), await newCustomer(app)];
    const before = [await billingOf(other), await usage(other)];
    await send(mine.owner, await openGroup(mine.owner), 'mine');
    await mine.owner.call('attachments.create', { name: 'a.txt', type: 'text/plain', size: 100 });
    await app.person('bob', mine.owner.account);
    expect([await billingOf(other), await usage(other)]).toEqual(before);
    expect(await usage(mine)).toMatchObject({ seats: 2, months: [{ messages: 1 }] });
  });
});
