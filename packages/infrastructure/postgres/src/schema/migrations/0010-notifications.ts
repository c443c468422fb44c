import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** What a person is notified of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key (notification-find), and marked as read by it.
    create table notification (
      account_id uuid not null,
      user_id uuid not null,
      id uuid not null,
      kind text not null check (kind in ('mention', 'reply', 'added', 'friendRequested', 'friendAccepted')),
      once text not null,
      actor_id uuid not null,
      conversation_id uuid,
      message_id uuid,
      seq bigint,
      friend_request_id uuid,
      created_at timestamptz not null,
      read_at timestamptz,
      primary key (account_id, user_id, id),
      -- The subscriber: what it notified of already.
      constraint notification_once unique (account_id, user_id, once),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, actor_id) references app_user,
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, conversation_id, seq) references message on delete cascade,
      foreign key (account_id, friend_request_id) references friend_request on delete cascade
    )`.execute(db);
  await sql`comment on column notification.once is 'what it tells of, so that a consequence that runs again notifies nobody twice'`.execute(
    db,
  );
  await sql`
    -- The list, newest first (notification-list).
    create index notification_newest on notification (account_id, user_id, created_at desc, id desc)`.execute(db);
  await sql`
    -- The unread ones (notification-list-unread), their count (notification-unread), and the marking of all up to one.
    create index notification_unread on notification (account_id, user_id, created_at desc, id desc) where read_at is null`.execute(db);
  await sql`
    -- The cascade from message, and what a message that changed gives rise to no longer.
    create index notification_message on notification (account_id, conversation_id, seq) where seq is not null`.execute(db);
  await sql`
    -- The cascade from friend_request.
    create index notification_request on notification (account_id, friend_request_id) where friend_request_id is not null`.execute(db);

  await forceIsolation(db, 'notification');
  await sql`grant select, insert, update, delete on notification to coucou_app`.execute(db);
}
