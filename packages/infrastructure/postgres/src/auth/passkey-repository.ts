import type { Passkey, PasskeyRepository } from '@coucou/domain/auth/passkey';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { PasskeyTable } from './tables.ts';

const toPasskey = (row: Selectable<PasskeyTable>): Passkey => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  credentialId: row.credential_id,
  publicKey: row.public_key,
  counter: row.counter,
  transports: row.transports,
  backedUp: row.backed_up,
  name: row.name,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at ?? undefined,
});

export function createPasskeyRepository(db: Kysely<Tables>): PasskeyRepository {
  return {
    async list(userId) {
      const rows = await db.selectFrom('passkey').selectAll().where('user_id', '=', userId).orderBy('id').execute();
      return rows.map(toPasskey);
    },
    async lookupByCredential(credentialId) {
      const row = await db.selectFrom('passkey').selectAll().where('credential_id', '=', credentialId).executeTakeFirst();
      return row && toPasskey(row);
    },
    async lock(id) {
      const row = await db.selectFrom('passkey').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
      return row && toPasskey(row);
    },
    async add(passkey) {
      const row = await db
        .insertInto('passkey')
        .values({
          account_id: passkey.accountId,
          id: passkey.id,
          user_id: passkey.userId,
          credential_id: passkey.credentialId,
          public_key: passkey.publicKey,
          counter: passkey.counter,
          transports: JSON.stringify(passkey.transports),
          backed_up: passkey.backedUp,
          name: passkey.name,
          created_at: passkey.createdAt,
          last_used_at: passkey.lastUsedAt ?? null,
        })
        .onConflict((oc) => oc.columns(['account_id', 'credential_id']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    async update(passkey) {
      await db
        .updateTable('passkey')
        .set({ counter: passkey.counter, last_used_at: passkey.lastUsedAt ?? null })
        .where('id', '=', passkey.id)
        .execute();
    },
    async remove(userId, id) {
      const { numDeletedRows } = await db.deleteFrom('passkey').where('user_id', '=', userId).where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async removeAll(userId) {
      const { numDeletedRows } = await db.deleteFrom('passkey').where('user_id', '=', userId).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
