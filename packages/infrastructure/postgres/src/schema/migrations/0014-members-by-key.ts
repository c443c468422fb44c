import { type Kysely, sql } from 'kysely';

/**
 * Where groups are small on average, the planner takes reading all present members for as good as looking one up by their key, and in a
 * large group it is not. Only who asks for them all names `joined_at`, and gets the index; as in 0011.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index member_joined`.execute(db);
  await sql`create index member_joined on member (account_id, conversation_id, joined_at, user_id)
    where left_at is null and joined_at is not null`.execute(db);
}
