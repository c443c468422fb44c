import { type Kysely, sql } from 'kysely';
import type { PushSubscriptionRepository } from '../application/push-repository.ts';
import { type PushTables, rows, type SubscriptionRow, toSubscription } from './tables.ts';

/** Whether the session of the subscription `s` goes on, and its person may use the service. */
export const lives = (now: Date) => sql`exists (
  select from session e join app_user u on u.account_id = e.account_id and u.id = e.user_id
  where e.account_id = s.account_id and e.id = s.session_id and e.revoked_at is null and e.expires_at > ${now} and u.suspended_at is null
)`;

export function createSubscriptionRepository(db: Kysely<PushTables>): PushSubscriptionRepository {
  return {
    async list(userId, now) {
      const found = await sql<SubscriptionRow>`
        select s.* from push_subscription s where s.user_id = ${userId} and ${lives(now)} order by s.id desc`.execute(db);
      return found.rows.map(toSubscription);
    },

    async lock(id, now) {
      // What is to be told refers to it meanwhile.
      const found = await sql<SubscriptionRow>`
        select s.* from push_subscription s where s.id = ${id} and ${lives(now)} for no key update of s`.execute(db);
      return found.rows.map(toSubscription)[0];
    },

    async add(subscription, most) {
      const row = rows.fromSubscription(subscription);
      await sql`
        delete from push_subscription s where md5(s.address) = md5(${row.address}) and s.address = ${row.address}`.execute(db);
      await sql`
        delete from push_subscription s where s.id = any(array(
          select o.id from push_subscription o where o.session_id = ${row.session_id} order by o.id desc offset ${most - 1}))`.execute(db);
      await db.insertInto('push_subscription').values(row).execute();
    },

    async update(subscription) {
      await db.updateTable('push_subscription').set(rows.changesOf(subscription)).where('id', '=', subscription.id).execute();
    },

    async remove(id) {
      await db.deleteFrom('push_subscription').where('id', '=', id).execute();
    },

    async removeOf({ userId, sessionId }, only) {
      const theirs = db.deleteFrom('push_subscription').where('user_id', '=', userId);
      const asked = only === undefined ? theirs.where('session_id', '=', sessionId) : theirs.where('id', '=', only);
      const { numDeletedRows } = await asked.executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },

    async removeDead(now, most) {
      const { numAffectedRows = 0n } = await sql`
        delete from push_subscription d where d.id = any(array(
          select s.id from push_subscription s
          where not exists (
            select from session e where e.account_id = s.account_id and e.id = s.session_id and e.revoked_at is null and e.expires_at > ${now})
          limit ${most}))`.execute(db);
      return Number(numAffectedRows);
    },
  };
}
