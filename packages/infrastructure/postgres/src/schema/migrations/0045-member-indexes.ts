import { type Kysely, sql } from 'kysely';

/**
 * The leading column of the indexes of a person's memberships is the person. Without statistics the planner estimates an index that leads with the account
 * to be as selective as the primary key, and a look-up of one conversation's members reads all memberships of the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- A user's conversations: the list (conversation-list), the rooms of a connection (memberships-of-user), sync-heads, unread-totals.
    create index member_user_new on member (user_id, account_id) where left_at is null`.execute(db);
  await sql`
    -- All memberships of a person, ended ones too: export and erasure.
    create index member_person_new on member (user_id, account_id, conversation_id) where joined_at is not null`.execute(db);
  // Last: from here on an exclusive lock keeps everybody from reading the table until the migration commits.
  await sql`drop index member_user, member_person`.execute(db);
  await sql`alter index member_user_new rename to member_user`.execute(db);
  await sql`alter index member_person_new rename to member_person`.execute(db);
}
