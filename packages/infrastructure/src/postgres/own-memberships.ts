import type { Membership } from '@coucou/domain/conversations/membership';
import type { MembershipRepository } from '@coucou/domain/conversations/membership-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from './tables.ts';
import type { MemberTable } from './tables/conversations.ts';

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

/** Neither system messages nor replies in threads count as unread. */
const countable = sql<boolean>`type <> 'system' and thread_root_seq is null`;

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
      const row = await db
        .selectFrom('message as f')
        .select((eb) => [
          sql<number>`f.count_seq - case when ${countable} then 1 else 0 end`.as('base'),
          eb
            .selectFrom('message')
            .select((inner) => inner.fn.countAll<number>().as('own'))
            .where('conversation_id', '=', id)
            .where('seq', '>=', seq)
            .where('sender_id', '=', userId)
            .where(countable)
            .as('own_since'),
        ])
        .where('f.conversation_id', '=', id)
        .where('f.seq', '=', seq)
        .executeTakeFirst();
      return row && { base: row.base, ownSince: Number(row.own_since) };
    },
  };
}
