import { asId } from '@coucou/domain/kernel/ids';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { type Kysely, sql } from 'kysely';
import { conversationOf, headOf } from '../conversations/conversation-head.ts';
import type { Tables } from '../tables.ts';

/** The facts that `Relations` decides on, as columns; `viewer` and `other` are expressions of uuids. */
export const standingColumns = (viewer: string, other: string): string => `
  ${other} = ${viewer} as self,
  exists (select from block b where b.blocker_id = ${viewer} and b.blocked_id = ${other}) as blocks,
  exists (select from block b where b.blocker_id = ${other} and b.blocked_id = ${viewer}) as blocked_by,
  exists (select from friendship f where f.lower_id = least(${viewer}, ${other}) and f.higher_id = greatest(${viewer}, ${other})) as friends,
  exists (
    select from member a join member z on z.account_id = a.account_id and z.conversation_id = a.conversation_id
    where a.user_id = ${viewer} and a.left_at is null and z.user_id = ${other} and z.left_at is null
  ) as fellows`;

export type StandingRow = Readonly<{ self: boolean; blocks: boolean; blocked_by: boolean; friends: boolean; fellows: boolean }>;

export const toStanding = ({ self, blocks, blocked_by: blockedBy, friends, fellows }: StandingRow) => ({
  self,
  blocks,
  blockedBy,
  friends,
  fellows,
});

/** Friends and the peers of direct conversations, the most recently active first, without those with a block; `person` is an expression. */
const acquaintancesOf = (person: string): string => `
  select k.id from (
    select case when c.direct_lower = ${person} then c.direct_higher else c.direct_lower end as id,
      c.active_at as at
    from member m
    cross join lateral ${conversationOf('m.account_id', 'm.conversation_id')} c
    where m.user_id = ${person} and m.left_at is null and c.type = 'direct'
    union all
    select f.higher_id, f.since from friendship f where f.lower_id = ${person}
    union all
    select f.lower_id, f.since from friendship f where f.higher_id = ${person}
  ) k
  where k.id not in (select b.user_id from blocked_with(${person}) b)
  group by k.id order by max(k.at) desc`;

const conversationsOf = (person: string): string => `
  select m.conversation_id from member m
  cross join lateral ${headOf('m.account_id', 'm.conversation_id')} h
  where m.user_id = ${person} and m.left_at is null order by h.active_at desc`;

type CircleRow = Readonly<{ id: string; acquaintances: string[]; blocked_with: string[]; conversations: string[] }>;

export function createRelationRepository(db: Kysely<Tables>): RelationRepository {
  return {
    async lockPair(a, b) {
      const pair = a < b ? `${a}:${b}` : `${b}:${a}`;
      // Across all accounts: a hash collision only makes two pairs wait for each other.
      await sql`select pg_advisory_xact_lock(hashtextextended(current_setting('app.account_id') || ${pair}::text, 0))`.execute(db);
    },

    async standings(viewer, userIds) {
      if (userIds.length === 0) return new Map();
      const { rows } = await sql<StandingRow & { id: string }>`
        select o.id, ${sql.raw(standingColumns('w.viewer', 'o.id'))}
        from (select ${viewer}::uuid as viewer) w cross join unnest(${userIds}::uuid[]) o(id)`.execute(db);
      return new Map(rows.map((row) => [asId<'user'>(row.id), toStanding(row)]));
    },

    async standingsOf(pairs) {
      if (pairs.length === 0) return [];
      const { rows } = await sql<StandingRow>`
        select ${sql.raw(standingColumns('o.viewer', 'o.id'))}
        from unnest(${pairs.map(([viewer]) => viewer)}::uuid[], ${pairs.map(([, other]) => other)}::uuid[])
          with ordinality o(viewer, id, place) order by o.place`.execute(db);
      return rows.map(toStanding);
    },

    async blockedWith(userId) {
      const { rows } = await sql<{ id: string }>`
        select distinct b.user_id as id from blocked_with(${userId}::uuid) b`.execute(db);
      return rows.map((row) => asId<'user'>(row.id));
    },

    async acquaintances(userId, limit) {
      const { rows } = await sql<{ id: string }>`
        select k.id from (select ${userId}::uuid as id) u
        cross join lateral (${sql.raw(acquaintancesOf('u.id'))} limit ${limit}) k`.execute(db);
      return rows.map((row) => asId<'user'>(row.id));
    },

    async circles(userIds, { people, conversations }) {
      if (userIds.length === 0) return new Map();
      // A subquery, for the generic plan: see `unnestGiven`.
      const { rows } = await sql<CircleRow>`
        select u.id,
          array(select k.id::text from (${sql.raw(acquaintancesOf('u.id'))} limit ${people}) k) as acquaintances,
          array(select distinct b.user_id::text from blocked_with(u.id) b) as blocked_with,
          array(${sql.raw(conversationsOf('u.id'))} limit ${conversations})::text[] as conversations
        from unnest((select ${userIds}::uuid[])) u(id)`.execute(db);
      return new Map(
        rows.map((row) => [
          asId<'user'>(row.id),
          {
            acquaintances: row.acquaintances.map((id) => asId<'user'>(id)),
            blockedWith: row.blocked_with.map((id) => asId<'user'>(id)),
            conversationIds: row.conversations.map((id) => asId<'conversation'>(id)),
          },
        ]),
      );
    },
  };
}
