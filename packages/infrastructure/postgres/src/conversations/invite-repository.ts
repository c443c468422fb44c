import type { Invite } from '@coucou/domain/conversations/invite';
import type { InviteRepository } from '@coucou/domain/conversations/invite-repository';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import { thisAccount } from './ban-repository.ts';
import type { Tables } from '../tables.ts';
import type { InviteTable } from './tables.ts';

export const toInvite = (row: Selectable<InviteTable>): Invite => ({
  code: row.code,
  conversationId: asId(row.conversation_id),
  createdBy: asId(row.created_by),
  createdAt: new Date(row.created_at),
  expiresAt: row.expires_at === null ? undefined : new Date(row.expires_at),
  maxUses: row.max_uses ?? undefined,
  uses: row.uses,
  revokedAt: row.revoked_at === null ? undefined : new Date(row.revoked_at),
});

export function createInviteRepository(db: Kysely<Tables>): InviteRepository {
  return {
    async add(invite) {
      await db
        .insertInto('invite')
        .values({
          account_id: thisAccount,
          code: invite.code,
          conversation_id: invite.conversationId,
          created_by: invite.createdBy,
          created_at: invite.createdAt,
          expires_at: invite.expiresAt ?? null,
          max_uses: invite.maxUses ?? null,
          uses: invite.uses,
          revoked_at: invite.revokedAt ?? null,
        })
        .execute();
    },

    async lookup(code) {
      const row = await db.selectFrom('invite').selectAll().where('code', '=', code).executeTakeFirst();
      return row && toInvite(row);
    },

    async update(invite) {
      await db
        .updateTable('invite')
        .set({ uses: invite.uses, revoked_at: invite.revokedAt ?? null })
        .where('code', '=', invite.code)
        .execute();
    },
  };
}
