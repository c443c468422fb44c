import { type Kysely, sql } from 'kysely';
import { forceIsolation } from './isolation.ts';

/** Reports, word lists and notifications. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table report (
      account_id uuid not null,
      id uuid not null,
      reporter_id uuid not null,
      kind text not null check (kind in ('message', 'user')),
      user_id uuid not null,
      message_id uuid,
      conversation_id uuid,
      seq bigint,
      snapshot jsonb not null,
      reason text not null,
      status text not null default 'open' check (status in ('open', 'resolved', 'dismissed')),
      created_at timestamptz not null,
      primary key (account_id, id),
      foreign key (account_id, reporter_id) references app_user,
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, conversation_id) references conversation,
      check ((kind = 'message') = (message_id is not null and conversation_id is not null and seq is not null)),
      check (reporter_id <> user_id)
    )`.execute(db);
  await sql`comment on table report is
    'refers to its message by value: the report and its snapshot outlive the message'`.execute(db);
  // A person reports a thing once. Serve the look for an earlier report as well.
  await sql`create unique index report_message_once on report (account_id, reporter_id, message_id) where kind = 'message'`.execute(db);
  await sql`create unique index report_user_once on report (account_id, reporter_id, user_id) where kind = 'user'`.execute(db);

  await sql`
    create table word_rule (
      account_id uuid not null references account,
      word text not null,
      action text not null check (action in ('mask', 'reject')),
      primary key (account_id, word)
    )`.execute(db);

  await sql`
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
      constraint notification_once unique (account_id, user_id, once),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, actor_id) references app_user,
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, conversation_id, seq) references message on delete cascade,
      foreign key (account_id, friend_request_id) references friend_request on delete cascade
    )`.execute(db);
  await sql`comment on column notification.once is 'what it tells of, so that a consequence that runs again tells nobody twice'`.execute(
    db,
  );
  // Serves the list, newest first.
  await sql`create index notification_newest on notification (account_id, user_id, created_at desc, id desc)`.execute(db);
  // Serves the list and the count of the unread ones, and the marking of all up to one.
  await sql`create index notification_unread on notification (account_id, user_id, created_at desc, id desc) where read_at is null`.execute(
    db,
  );
  // Serve the cascades.
  await sql`create index notification_message on notification (account_id, conversation_id, seq) where seq is not null`.execute(db);
  await sql`create index notification_request on notification (account_id, friend_request_id) where friend_request_id is not null`.execute(
    db,
  );

  for (const table of ['report', 'word_rule', 'notification']) await forceIsolation(db, table);
  await sql`grant select, insert on report to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on word_rule to coucou_app`.execute(db);
  await sql`grant select, insert, update on notification to coucou_app`.execute(db);
}
