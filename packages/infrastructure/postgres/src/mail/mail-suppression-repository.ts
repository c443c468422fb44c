import { asId } from '@coucou/domain/kernel/ids';
import type { MailSuppression } from '@coucou/domain/mail/mail-suppression';
import type { MailSuppressionRepository } from '@coucou/domain/mail/mail-suppression-repository';
import { User } from '@coucou/domain/users/user';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { MailSuppressionTable } from './tables.ts';

export const toMailSuppression = (row: Selectable<MailSuppressionTable>): MailSuppression => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  address: row.address,
  userId: row.user_id === null ? undefined : asId(row.user_id),
  reason: row.reason,
  softBounces: row.soft_bounces,
  suppressedAt: row.suppressed_at ?? undefined,
  expiresAt: row.expires_at ?? undefined,
  lastMessage: row.last_message ?? undefined,
});

export const createMailSuppressionRepository = (db: Kysely<Tables>): MailSuppressionRepository => ({
  async lookup(address) {
    const row = await db.selectFrom('mail_suppression').selectAll().where('address_key', '=', User.emailKey(address)).executeTakeFirst();
    return row && toMailSuppression(row);
  },

  async put({ accountId: account_id, id, address, userId, reason, softBounces, suppressedAt, expiresAt, lastMessage }) {
    const values = {
      address,
      user_id: userId ?? null,
      reason,
      soft_bounces: softBounces,
      suppressed_at: suppressedAt ?? null,
      expires_at: expiresAt ?? null,
      last_message: lastMessage ?? null,
    };
    await db
      .insertInto('mail_suppression')
      .values({ account_id, id, address_key: User.emailKey(address), ...values })
      .onConflict((oc) => oc.columns(['account_id', 'address_key']).doUpdateSet(values))
      .execute();
  },

  async remove(id) {
    const { numDeletedRows } = await db.deleteFrom('mail_suppression').where('id', '=', id).executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  },

  async forgetExpired(now, limit) {
    // Found again by its key: one that was reported meanwhile has another end.
    const { numAffectedRows } = await sql`
      delete from mail_suppression where expires_at <= ${now} and id = any(array(
        select id from mail_suppression where expires_at <= ${now} order by expires_at limit ${limit}))`.execute(db);
    return Number(numAffectedRows ?? 0);
  },
});
