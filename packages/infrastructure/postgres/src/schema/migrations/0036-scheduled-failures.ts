import { type Kysely, sql } from 'kysely';

/** Notifications of scheduled messages that failed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table notification
      add column scheduled_message_id uuid,
      drop constraint notification_kind_check,
      add constraint notification_kind_check
        check (kind in ('mention', 'reply', 'added', 'friendRequested', 'friendAccepted', 'scheduledFailed'))`.execute(db);
  await sql`comment on column notification.scheduled_message_id is 'no foreign key: one that is deleted takes the notification along by an event, of which devices hear'`.execute(
    db,
  );
}
