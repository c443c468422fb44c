import { asId } from '@coucou/domain/kernel/ids';
import type { PersonRepository } from '@coucou/domain/privacy/erasure-repository';
import { type Kysely, type Selectable, sql } from 'kysely';
import { toMember } from '../conversations/conversation-rows.ts';
import type { MemberTable } from '../conversations/tables.ts';
import { toFriendRequest } from '../friends/friend-repositories.ts';
import type { FriendRequestTable } from '../friends/tables.ts';
import type { PersonalData } from '../schema/personal-data.ts';
import type { Tables } from '../tables.ts';
import { toUser, userColumns } from '../users/user-rows.ts';
import { eraseStatements } from './erase-statements.ts';

export function createPersonRepository(db: Kysely<Tables>, personalData: PersonalData): PersonRepository {
  const atOnce = eraseStatements(personalData, 'at once');
  const idsOf = async <Kind extends string>(query: ReturnType<typeof sql<{ id: string }>>) =>
    (await query.execute(db)).rows.map(({ id }) => asId<Kind>(id));

  return {
    async anonymise(person) {
      const { rows } = await sql<{ id: string }>`
        update app_user set deleted_at = clock_now(), suspended_at = coalesce(suspended_at, clock_now()),
          security_version = security_version + 1
        where id = ${person} and deleted_at is null returning id`.execute(db);
      if (rows.length === 0) return undefined;
      // Of mails that wait nothing is left once they are sent or obsolete; those that were given up stay until somebody decides on them.
      await sql`
        delete from outbox o where o.dead_at is not null and o.type like 'mail.%' and (o.payload -> 'order' ->> 'userId' = ${person}
          or lower(normalize(o.payload -> 'order' ->> 'email', nfkc)) = (select u.email_key from app_user u where u.id = ${person}))`.execute(
        db,
      );
      for (const { run } of atOnce) while ((await run(db, person, 1_000)) > 0);
      const row = await db.selectFrom('app_user').select(userColumns).where('id', '=', person).executeTakeFirst();
      return row && toUser(row);
    },

    async lookup(person) {
      const row = await db.selectFrom('app_user').select(userColumns).where('id', '=', person).executeTakeFirst();
      return row && toUser(row);
    },

    conversations: (person, limit) =>
      idsOf<'conversation'>(sql`
        select m.conversation_id as id from member m
        join conversation c on c.account_id = m.account_id and c.id = m.conversation_id and c.deleted_at is null
        where m.user_id = ${person} and m.left_at is null order by m.conversation_id limit ${limit}`),

    async heir(conversation, person) {
      const { rows } = await sql<Selectable<MemberTable>>`
        select m.* from member m join app_user u on u.account_id = m.account_id and u.id = m.user_id
        where m.conversation_id = ${conversation} and m.left_at is null and m.joined_at is not null and m.user_id <> ${person}
        order by u.suspended_at is not null, array_position(array['owner', 'admin', 'moderator', 'member'], m.role), m.joined_at, m.user_id
        limit 1`.execute(db);
      return rows[0] && toMember(rows[0]);
    },

    assignments: (person, limit) =>
      idsOf<'conversation'>(
        sql`select id from conversation where assignee_id = ${person} and deleted_at is null order by id limit ${limit}`,
      ),

    friends: (person, limit) =>
      idsOf<'user'>(sql`
        (select higher_id as id from friendship where lower_id = ${person} limit ${limit})
        union all (select lower_id from friendship where higher_id = ${person} limit ${limit}) limit ${limit}`),

    async pendingRequests(person, limit) {
      const { rows } = await sql<Selectable<FriendRequestTable>>`
        (select * from friend_request where from_id = ${person} and status = 'pending' limit ${limit})
        union all (select * from friend_request where to_id = ${person} and status = 'pending' limit ${limit}) limit ${limit}`.execute(db);
      return rows.map(toFriendRequest);
    },
  };
}
