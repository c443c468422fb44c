import { type Kysely, sql } from 'kysely';

/**
 * Before a table's first statistics the planner takes two indexes for equally good once each leaves it "one row". What a row refers to
 * may then be looked up by a part of its key: every search entry would read its whole conversation, and every message all people of its
 * account. An index whose condition such a lookup does not imply is no candidate for it; a comparison with the column implies it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table message drop constraint message_sent_once`.execute(db);
  await sql`create unique index message_sent_once on message (account_id, conversation_id, sender_id, client_message_id)
    where client_message_id is not null`.execute(db);

  await sql`drop index app_user_username_prefix, app_user_display_name_prefix, attachment_owner, attachment_age`.execute(db);
  await sql`create index app_user_username_prefix on app_user (account_id, username_key text_pattern_ops)
    where username_key is not null`.execute(db);
  await sql`create index app_user_display_name_prefix on app_user (account_id, display_name_key text_pattern_ops)
    where display_name_key is not null`.execute(db);
  await sql`create index attachment_owner on attachment (account_id, owner_id) include (quota_bytes) where owner_id is not null`.execute(
    db,
  );
  await sql`create index attachment_age on attachment (account_id, created_at) where created_at is not null`.execute(db);
}
