import { type Kysely, sql } from 'kysely';

/**
 * Indexes of a person's memberships begin with the person. Without statistics the planner takes one that begins with the account for as good as the
 * primary key, and a look-up of one conversation's members would read all of the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index member_user_new on member (user_id, account_id) where left_at is null`.execute(db);
  await sql`create index member_person_new on member (user_id, account_id, conversation_id) where joined_at is not null`.execute(db);
  // Last, since from here on nobody reads the table until the migration has ended.
  await sql`drop index member_user, member_person`.execute(db);
  await sql`alter index member_user_new rename to member_user`.execute(db);
  await sql`alter index member_person_new rename to member_person`.execute(db);
}
