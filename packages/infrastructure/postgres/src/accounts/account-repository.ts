import type { AccountRepository } from '@coucou/domain/accounts/account-repository';
import { DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Row-level security leaves one row to see: the account of the transaction. */
export function createAccountRepository(db: Kysely<Tables>): AccountRepository {
  return {
    async own() {
      const row = await db.selectFrom('account').selectAll().executeTakeFirstOrThrow();
      return {
        id: asId(row.account_id),
        name: row.name,
        clientKey: row.client_key,
        createdAt: row.created_at,
        settings: { ...DEFAULT_ACCOUNT_SETTINGS, ...row.settings },
        limits: row.limits,
        suspendedAt: row.suspended_at ?? undefined,
      };
    },
    async updateSettings(settings) {
      await db
        .updateTable('account')
        .set({ settings: JSON.stringify(settings) })
        .execute();
    },
  };
}
