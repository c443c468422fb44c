import { type Kysely, sql } from 'kysely';

/** Entries of people's feeds are kept for a while only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Serves the removal of old entries. They lie in the order of their time, so a summary of each range of pages finds them, and an
  // entry that is written pays for nothing.
  await sql`create index user_event_time on user_event using brin (created_at) with (autosummarize = on)`.execute(db);
  await sql`grant delete on user_event to coucou_app`.execute(db);
}
