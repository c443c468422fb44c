import type { Identity } from '@coucou/domain/auth/identity';
import type { IdentityRepository } from '@coucou/domain/auth/identity-repository';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { IdentityTable } from './tables.ts';

const toIdentity = (row: Selectable<IdentityTable>): Identity => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  issuer: row.issuer,
  subject: row.subject,
  email: row.email ?? undefined,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
});

export function createIdentityRepository(db: Kysely<Tables>): IdentityRepository {
  return {
    async lookup(issuer, subject) {
      const row = await db
        .selectFrom('identity')
        .selectAll()
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return row && toIdentity(row);
    },
    async list(userId) {
      const rows = await db.selectFrom('identity').selectAll().where('user_id', '=', userId).orderBy('id').execute();
      return rows.map(toIdentity);
    },
    async add(identity) {
      const row = await db
        .insertInto('identity')
        .values({
          account_id: identity.accountId,
          id: identity.id,
          user_id: identity.userId,
          issuer: identity.issuer,
          subject: identity.subject,
          email: identity.email ?? null,
          created_at: identity.createdAt,
          last_used_at: identity.lastUsedAt,
        })
        .onConflict((oc) => oc.columns(['account_id', 'issuer', 'subject']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    async updateUse({ id, email, lastUsedAt }) {
      const row = await db
        .updateTable('identity')
        .set({ email: email ?? null, last_used_at: lastUsedAt })
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    async removeAll(userId) {
      await db.deleteFrom('identity').where('user_id', '=', userId).execute();
    },
    async remove(userId, id) {
      const row = await db.deleteFrom('identity').where('user_id', '=', userId).where('id', '=', id).returningAll().executeTakeFirst();
      return row && toIdentity(row);
    },
  };
}
