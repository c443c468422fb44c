import { type Kysely, sql } from 'kysely';

/**
 * Entries of people's feeds are kept for a while only. An index of every entry: one that summarises ranges of pages forgets nothing, and
 * where old entries were removed, new ones are written, so that within two months each range would count as old.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Serves the removal of old entries. The condition keeps it from what is looked up by a part of its key; as in 0011.
  await sql`create index user_event_age on user_event (account_id, created_at, version) where created_at is not null`.execute(db);
  await sql`grant delete on user_event to coucou_app`.execute(db);
}
