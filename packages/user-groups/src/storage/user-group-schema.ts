import { forceIsolation } from '@coucou/postgres/schema/isolation';
import { deleted, type PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key, and all of an account at once: there are few.
    create table user_group (
      account_id uuid not null references account,
      id uuid not null,
      handle text collate "C" not null,
      name text not null,
      created_at timestamptz not null,
      primary key (account_id, id),
      unique (account_id, handle)
    )`.execute(db);
  await sql`
    -- Read by the beginning of its key.
    create table user_group_member (
      account_id uuid not null,
      group_id uuid not null,
      user_id uuid not null,
      primary key (account_id, group_id, user_id),
      foreign key (account_id, group_id) references user_group on delete cascade,
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`
    -- The groups of a person (erasure, export).
    create index user_group_member_user on user_group_member (account_id, user_id, group_id)`.execute(db);
  for (const table of ['user_group', 'user_group_member']) await forceIsolation(db, table);
  await sql`grant select, insert, update (handle, name), delete on user_group to coucou_app`.execute(db);
  await sql`grant select, insert, delete on user_group_member to coucou_app`.execute(db);
}

const personalData: PersonalData = {
  user_group: { plain: 'id handle name created_at' },
  user_group_member: {
    of: { user_id: { exported: { as: 'userGroups', by: 'group_id' }, erased: deleted() } },
    personal: 'group_id',
  },
};

const createdTables: Migration = { up: createTables };

export const userGroupSchema: SchemaSet = {
  name: 'user_groups',
  migrations: { '0001-user-groups': createdTables },
  functions: [],
  personalData,
};
