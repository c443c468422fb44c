import type { FriendRequest } from '@coucou/domain/friends/friend-request';
import type { FriendRequestRepository, FriendshipRepository } from '@coucou/domain/friends/friend-repositories';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { FriendRequestTable } from './tables.ts';

/** Also of a row that came through JSON, where times are text. */
export const toFriendRequest = (row: Selectable<FriendRequestTable>): FriendRequest => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  fromId: asId(row.from_id),
  toId: asId(row.to_id),
  status: row.status,
  createdAt: new Date(row.created_at),
  respondedAt: row.responded_at === null ? undefined : new Date(row.responded_at),
});

export function createFriendRequestRepository(db: Kysely<Tables>): FriendRequestRepository {
  return {
    async lookup(id) {
      const row = await db.selectFrom('friend_request').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toFriendRequest(row);
    },

    async lookupPending(a, b) {
      const row = await db
        .selectFrom('friend_request')
        .selectAll()
        .where('status', '=', 'pending')
        .where(
          sql<boolean>`(least(from_id, to_id), greatest(from_id, to_id)) = (least(${a}::uuid, ${b}::uuid), greatest(${a}::uuid, ${b}::uuid))`,
        )
        .executeTakeFirst();
      return row && toFriendRequest(row);
    },

    async lastRejection(from, to) {
      const row = await db
        .selectFrom('friend_request')
        .select('responded_at')
        .where('from_id', '=', from)
        .where('to_id', '=', to)
        .where('status', '=', 'rejected')
        .orderBy('responded_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.responded_at ?? undefined;
    },

    async countPending(from) {
      const row = await db
        .selectFrom('friend_request')
        .select((eb) => eb.fn.countAll<number>().as('pending'))
        .where('from_id', '=', from)
        .where('status', '=', 'pending')
        .executeTakeFirstOrThrow();
      return row.pending;
    },

    async add(request) {
      await db
        .insertInto('friend_request')
        .values({
          account_id: request.accountId,
          id: request.id,
          from_id: request.fromId,
          to_id: request.toId,
          status: request.status,
          created_at: request.createdAt,
          responded_at: request.respondedAt ?? null,
        })
        .execute();
    },

    async update(request) {
      await db
        .updateTable('friend_request')
        .set({ status: request.status, responded_at: request.respondedAt ?? null })
        .where('id', '=', request.id)
        .execute();
    },
  };
}

const pairOf = (a: UserId, b: UserId) => (a < b ? { lower_id: a, higher_id: b } : { lower_id: b, higher_id: a });

export function createFriendshipRepository(db: Kysely<Tables>): FriendshipRepository {
  return {
    async add(a, b, since) {
      await db
        .insertInto('friendship')
        .values({ account_id: sql<string>`current_setting('app.account_id')::uuid`, ...pairOf(a, b), since })
        .execute();
    },

    async remove(a, b) {
      const { lower_id, higher_id } = pairOf(a, b);
      const row = await db
        .deleteFrom('friendship')
        .where('lower_id', '=', lower_id)
        .where('higher_id', '=', higher_id)
        .returning('lower_id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async exists(a, b) {
      const { lower_id, higher_id } = pairOf(a, b);
      const row = await db
        .selectFrom('friendship')
        .select('lower_id')
        .where('lower_id', '=', lower_id)
        .where('higher_id', '=', higher_id)
        .executeTakeFirst();
      return row !== undefined;
    },

    async count(userId) {
      const row = await db
        .selectFrom('friendship')
        .select((eb) => eb.fn.countAll<number>().as('friends'))
        .where((eb) => eb.or([eb('lower_id', '=', userId), eb('higher_id', '=', userId)]))
        .executeTakeFirstOrThrow();
      return row.friends;
    },
  };
}
