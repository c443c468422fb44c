import type { Membership } from '@coucou/domain/conversations/membership';
import type { MembershipRepository } from '@coucou/domain/conversations/membership-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import { headOf } from './conversation-head.ts';
import type { MemberTable } from './tables.ts';

const toMembership = (row: Selectable<MemberTable>): Membership => ({
  conversationId: asId(row.conversation_id),
  userId: asId(row.user_id),
  joinedSeq: row.joined_seq,
  readSeq: row.read_seq,
  leftAt: row.left_at ?? undefined,
  archived: row.archived,
  pinned: row.pinned,
  notifyMutedUntil: row.notify_muted_until ?? undefined,
  notify: row.notify,
  unreadFromSeq: row.unread_from_seq ?? undefined,
  unreadBase: row.unread_base,
  ownSince: row.own_since,
});

export function createMembershipRepository(db: Kysely<Tables>): MembershipRepository {
  return {
    async lookup(id, userId) {
      const row = await db
        .selectFrom('member')
        .selectAll()
        .where('conversation_id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row && toMembership(row);
    },

    async update(membership) {
      await db
        .updateTable('member')
        .set({
          archived: membership.archived,
          pinned: membership.pinned,
          notify_muted_until: membership.notifyMutedUntil ?? null,
          notify: membership.notify,
          unread_from_seq: membership.unreadFromSeq ?? null,
          unread_base: membership.unreadBase,
          own_since: membership.ownSince,
        })
        .where('conversation_id', '=', membership.conversationId)
        .where('user_id', '=', membership.userId)
        .execute();
    },

    async countAround(id, userId, seq) {
      const { rows } = await sql<{ base: number; own_since: number }>`
        select f.count_seq - case when is_countable(f.type, f.thread_root_seq) then 1 else 0 end as base,
          count_own(f.account_id, f.conversation_id, ${userId}, f.seq - 1, h.last_seq) as own_since
        from message f cross join lateral ${sql.raw(headOf('f.account_id', 'f.conversation_id'))} h
        where f.conversation_id = ${id} and f.seq = ${seq}`.execute(db);
      return rows[0] && { base: rows[0].base, ownSince: rows[0].own_since };
    },
  };
}
