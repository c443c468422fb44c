import { asId } from '@coucou/domain/kernel/ids';
import { withRepositories } from '@coucou/application/ports/unit-of-work';
import { Billing, Usage } from '../src/application/billing-ports.ts';
import { keepBilling } from '../src/application/upkeep.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { event, nextId, receive, type Subscribed, subscriptionObject } from './stripe.ts';

/** An account of its own that is a customer of Stripe, with its owner. */
export type Customer = Readonly<{ clientKey: string; owner: Caller; of: Subscribed }>;

export async function newCustomer(app: TestApp): Promise<Customer> {
  const clientKey = nextId('client').replace('_', '-');
  const { id } = await app.operator().call('accounts.create', { name: 'A customer', clientKey });
  const customer = nextId('cus');
  await app.operator().call('accounts.putBilling', { clientKey, customerId: customer });
  const owner = await app.person('alice', asId(id), 'owner');
  return { clientKey, owner, of: { id: nextId('sub'), customer, account: id } };
}

/** Somebody who subscribed. */
export async function subscriber(app: TestApp, more: Readonly<Record<string, unknown>> = {}): Promise<Customer> {
  const customer = await newCustomer(app);
  await receive(app, event('customer.subscription.created', subscriptionObject(customer.of, more), new Date('2026-01-01T00:00:00Z')));
  return customer;
}

export const billingOf = ({ owner }: Customer): Promise<Payload> => owner.call('admin.getBilling', {});

export const repositories = (app: TestApp) => withRepositories(app.storage.transactions, { billing: Billing, usage: Usage });

export const upkeep = (app: TestApp) => keepBilling.run(app.container.portsOf(keepBilling.deps) as never, { aborted: false });
