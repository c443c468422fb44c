import { type Kysely, sql } from 'kysely';
import type { BillingRepository } from '../application/billing-ports.ts';
import { type BillingTables, fromSubscription, toAccount, toSubscription } from './tables.ts';

export function createBillingRepository(db: Kysely<BillingTables>): BillingRepository {
  const account = () => db.selectFrom('billing_account').selectAll();
  const subscriptions = () => db.selectFrom('billing_subscription').selectAll();
  return {
    async lookup() {
      const row = await account().executeTakeFirst();
      return row && toAccount(row);
    },

    async lock() {
      const row = await account().forUpdate().executeTakeFirst();
      return row && toAccount(row);
    },

    async open(accountId) {
      await db
        .insertInto('billing_account')
        .values({ account_id: accountId, standing: 'none', version: 0 })
        .onConflict((oc) => oc.column('account_id').doNothing())
        .execute();
      return toAccount(await account().forUpdate().executeTakeFirstOrThrow());
    },

    async put({ customerId, granted }) {
      await db
        .updateTable('billing_account')
        .set((eb) => ({ customer_id: customerId ?? null, granted_plan: granted ?? null, version: eb('version', '+', 1) }))
        .execute();
    },

    async putEntitlement({ plan, standing, limits }) {
      await db
        .updateTable('billing_account')
        .set((eb) => ({
          plan: plan ?? null,
          standing,
          seats: limits.seats ?? null,
          storage_bytes: limits.storageBytes ?? null,
          version: eb('version', '+', 1),
        }))
        .where(
          sql`(plan, standing, seats, storage_bytes)`,
          'is distinct from',
          sql`(${plan ?? null}::text, ${standing}::text, ${limits.seats ?? null}::bigint, ${limits.storageBytes ?? null}::bigint)`,
        )
        .execute();
    },

    async subscriptions() {
      const customer = db.selectFrom('billing_account').select('customer_id');
      return (await subscriptions().where('customer_id', '=', customer).orderBy('id').execute()).map(toSubscription);
    },

    async subscription(id) {
      const row = await subscriptions().where('id', '=', id).executeTakeFirst();
      return row && toSubscription(row);
    },

    async putSubscription({ accountId, customerId }, subscription) {
      const values = { customer_id: customerId, ...fromSubscription(subscription) };
      await db
        .insertInto('billing_subscription')
        .values({ account_id: accountId, id: subscription.id, ...values })
        .onConflict((oc) => oc.columns(['account_id', 'id']).doUpdateSet(values))
        .execute();
    },

    async hasEvent(id) {
      return (await db.selectFrom('billing_event').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
    },

    async addEvent(accountId, { id, type, at }) {
      await db.insertInto('billing_event').values({ account_id: accountId, id, type, received_at: at }).execute();
      await db
        .updateTable('billing_account')
        .set((eb) => ({ version: eb('version', '+', 1) }))
        .execute();
    },

    async trimEvents(before) {
      const { numDeletedRows } = await db.deleteFrom('billing_event').where('received_at', '<', before).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
