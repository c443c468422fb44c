import type { SecondFactorRepository, Totp } from '@coucou/domain/auth/second-factor';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { TotpTable } from './tables.ts';

const ACCOUNT = sql<string>`current_setting('app.account_id')::uuid`;

const toTotp = (row: Selectable<TotpTable>): Totp => ({
  accountId: asId(row.account_id),
  userId: asId(row.user_id),
  sealedSecret: row.sealed_secret,
  createdAt: row.created_at,
  confirmedAt: row.confirmed_at ?? undefined,
  lastStep: row.last_step ?? undefined,
});

const toRow = (totp: Totp) => ({
  sealed_secret: totp.sealedSecret,
  created_at: totp.createdAt,
  confirmed_at: totp.confirmedAt ?? null,
  last_step: totp.lastStep ?? null,
});

export function createSecondFactorRepository(db: Kysely<Tables>): SecondFactorRepository {
  return {
    async lookup(userId) {
      const row = await db.selectFrom('totp').selectAll().where('user_id', '=', userId).executeTakeFirst();
      return row && toTotp(row);
    },
    async lock(userId) {
      const row = await db.selectFrom('totp').selectAll().where('user_id', '=', userId).forNoKeyUpdate().executeTakeFirst();
      return row && toTotp(row);
    },
    async put(totp) {
      await db
        .insertInto('totp')
        .values({ account_id: totp.accountId, user_id: totp.userId, ...toRow(totp) })
        .onConflict((oc) => oc.columns(['account_id', 'user_id']).doUpdateSet(toRow(totp)).where('totp.confirmed_at', 'is', null))
        .execute();
    },
    async update(totp) {
      await db.updateTable('totp').set(toRow(totp)).where('user_id', '=', totp.userId).execute();
    },
    async remove(userId) {
      await db.deleteFrom('recovery_code').where('user_id', '=', userId).execute();
      const { numDeletedRows } = await db.deleteFrom('totp').where('user_id', '=', userId).executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async putRecoveryCodes(userId, hashes) {
      await db.deleteFrom('recovery_code').where('user_id', '=', userId).execute();
      const rows = hashes.map((code_hash) => ({ account_id: ACCOUNT, user_id: userId, code_hash }));
      if (rows.length > 0) await db.insertInto('recovery_code').values(rows).execute();
    },
    async spendRecoveryCode(userId, hash) {
      const query = db.deleteFrom('recovery_code').where('user_id', '=', userId).where('code_hash', '=', hash);
      return (await query.executeTakeFirst()).numDeletedRows > 0n;
    },
    async countRecoveryCodes(userId) {
      const rows = await db.selectFrom('recovery_code').select('code_hash').where('user_id', '=', userId).execute();
      return rows.length;
    },
  };
}
