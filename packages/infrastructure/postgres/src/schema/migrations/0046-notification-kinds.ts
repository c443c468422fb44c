import { type Kysely, sql } from 'kysely';

/** Features add kinds of their own, so the table no longer lists them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table notification drop constraint notification_kind_check`.execute(db);
  await sql`comment on column notification.kind is 'of the core, or one that a feature declares in notificationKinds'`.execute(db);
}
