import { lockInAccount } from '@coucou/postgres/kit/account-lock';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, sql } from 'kysely';
import type { UserGroupRepository } from '../application/user-group-repository.ts';
import type { UserGroup, UserGroupWithMembers } from '../domain/user-group.ts';

type UserGroupTables = {
  user_group: { account_id: string; id: string; handle: string; name: string; created_at: Date };
  user_group_member: { account_id: string; group_id: string; user_id: string };
};
type Row = Readonly<{ account_id: string; id: string; handle: string; name: string; created_at: Date; members: number }>;

const toGroup = (row: Row): UserGroup => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  handle: row.handle,
  name: row.name,
  memberCount: row.members,
  createdAt: row.created_at,
});

export function createUserGroupRepository(db: Kysely<UserGroupTables>): UserGroupRepository {
  const counted = () =>
    db
      .selectFrom('user_group as g')
      .selectAll('g')
      .select(sql<number>`(select count(*)::integer from user_group_member m where m.group_id = g.id)`.as('members'));

  async function addMembers({ accountId, id, memberIds }: UserGroupWithMembers): Promise<void> {
    if (memberIds.length === 0) return;
    const rows = memberIds.map((user_id) => ({ account_id: accountId, group_id: id, user_id }));
    await db.insertInto('user_group_member').values(rows).execute();
  }
  const removeMembers = (id: string) => db.deleteFrom('user_group_member').where('group_id', '=', id).execute();

  return {
    async list() {
      return (await counted().orderBy('handle').execute()).map(toGroup);
    },

    async lookup(id) {
      const row = await counted().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return undefined;
      const members = await db.selectFrom('user_group_member').select('user_id').where('group_id', '=', id).orderBy('user_id').execute();
      return { ...toGroup(row), memberIds: members.map(({ user_id }) => asId(user_id)) };
    },

    async membersOf(ids) {
      const rows = await db
        .selectFrom('user_group as g')
        .leftJoin('user_group_member as m', (join) => join.onRef('m.account_id', '=', 'g.account_id').onRef('m.group_id', '=', 'g.id'))
        .select(['g.id', 'm.user_id'])
        .where('g.id', 'in', [...ids])
        .execute();
      return rows.map(({ id, user_id }) => ({ id, userId: user_id === null ? undefined : asId(user_id) }));
    },

    lockAll: () => lockInAccount(db, 'user groups'),

    async count() {
      const { known } = await db
        .selectFrom('user_group')
        .select((eb) => eb.fn.countAll<number>().as('known'))
        .executeTakeFirstOrThrow();
      return known;
    },

    async isTaken(handle, by) {
      const row = await db.selectFrom('user_group').select('id').where('handle', '=', handle).executeTakeFirst();
      return row !== undefined && row.id !== by;
    },

    async add(group) {
      const { accountId: account_id, id, handle, name, createdAt: created_at } = group;
      await db.insertInto('user_group').values({ account_id, id, handle, name, created_at }).execute();
      await addMembers(group);
    },

    async update(group) {
      const { id, handle, name } = group;
      await db.updateTable('user_group').set({ handle, name }).where('id', '=', id).execute();
      await removeMembers(id);
      await addMembers(group);
    },

    async remove(id) {
      await db.deleteFrom('user_group').where('id', '=', id).execute();
    },
  };
}
