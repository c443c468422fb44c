import type { BanRepository } from '@coucou/domain/conversations/ban-repository';
import type { Ban } from '@coucou/domain/conversations/group';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { BanTable } from './tables.ts';

/** The account of this transaction, as row-level security knows it. */
export const thisAccount = sql<AccountId>`current_setting('app.account_id')::uuid`;

export const toBan = (row: Selectable<BanTable>): Ban => ({
  conversationId: asId(row.conversation_id),
  userId: asId(row.user_id),
  bannedBy: asId(row.banned_by),
  reason: row.reason ?? undefined,
  createdAt: new Date(row.created_at),
  expiresAt: row.expires_at === null ? undefined : new Date(row.expires_at),
});

export function createBanRepository(db: Kysely<Tables>): BanRepository {
  return {
    async list(id, userIds) {
      if (userIds.length === 0) return [];
      const rows = await db.selectFrom('ban').selectAll().where('conversation_id', '=', id).where('user_id', 'in', userIds).execute();
      return rows.map(toBan);
    },

    async put(ban) {
      const terms = {
        banned_by: ban.bannedBy,
        reason: ban.reason ?? null,
        created_at: ban.createdAt,
        expires_at: ban.expiresAt ?? null,
      };
      await db
        .insertInto('ban')
        .values({ account_id: thisAccount, conversation_id: ban.conversationId, user_id: ban.userId, ...terms })
        .onConflict((oc) => oc.columns(['account_id', 'conversation_id', 'user_id']).doUpdateSet(terms))
        .execute();
    },

    async remove(id, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('ban')
        .where('conversation_id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}
