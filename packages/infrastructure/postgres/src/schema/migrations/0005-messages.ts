import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** Messages, and what refers to (account, conversation, seq), so that messages can be partitioned by conversation. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by history along its key (history-*), by sync (sync-windows) and by whatever shows one message.
    create table message (
      account_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      id uuid not null,
      sender_id uuid not null,
      client_message_id uuid not null,
      request_hash bytea not null,
      type text not null check (type in ('text', 'image', 'file', 'system', 'custom')),
      content text,
      data jsonb,
      -- What features show in it, by the name of the part, as it goes over the wire.
      parts jsonb,
      reply_to_seq bigint,
      thread_root_seq bigint,
      mentions uuid[] not null default '{}',
      mention_all boolean not null default false,
      attachment_ids uuid[] not null default '{}',
      forwarded boolean not null default false,
      reactions jsonb not null default '{}',
      reply_count integer not null default 0,
      last_reply_seq bigint,
      pinned_at timestamptz,
      pinned_by uuid,
      count_seq bigint not null,
      version bigint not null,
      created_at timestamptz not null,
      edited_at timestamptz,
      deleted_at timestamptz,
      expires_at timestamptz,
      primary key (account_id, conversation_id, seq),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, sender_id) references app_user
    )`.execute(db);
  await sql`comment on column message.count_seq is 'countable messages of the conversation up to this one'`.execute(db);
  await sql`comment on column message.reactions is 'how many people reacted with each emoji'`.execute(db);
  await sql`
    -- A resend finds the first send (append_messages, find-sent); what one person sent (count_own).
    create unique index message_sent_once on message (account_id, conversation_id, sender_id, client_message_id)
      where client_message_id is not null`.execute(db);
  await sql`
    -- Operations that name a message by its id (message-find, references, changes).
    create index message_id on message (account_id, id) where id is not null`.execute(db);
  await sql`
    -- sync-messages: messages changed since a version.
    create index message_version on message (account_id, conversation_id, version) where version is not null`.execute(db);
  await sql`
    -- History around a time (history-*-time); times never go back within a conversation.
    create index message_time on message (account_id, conversation_id, created_at, seq) where created_at is not null`.execute(db);
  await sql`
    -- The replies of a thread (thread-replies).
    create index message_thread on message (account_id, conversation_id, thread_root_seq, seq) where thread_root_seq is not null`.execute(
    db,
  );
  await sql`
    -- The threads of a conversation, the one last replied to first (thread-list).
    create index message_threads on message (account_id, conversation_id, last_reply_seq) where last_reply_seq is not null`.execute(db);
  await sql`
    -- The pins of a conversation (message-pins).
    create index message_pinned on message (account_id, conversation_id, pinned_at) where pinned_at is not null`.execute(db);
  await sql`
    -- The count of unread mentions of everyone (conversation-list, sync-state).
    create index message_mention_all on message (account_id, conversation_id, seq) where mention_all`.execute(db);
  await sql`
    -- unread-totals: whether anybody was mentioned since a mark, once for all who share a conversation.
    create index message_naming on message (account_id, conversation_id, seq) where mention_all or mentions <> '{}'`.execute(db);

  await sql`
    -- The count of unread mentions of one person, along its key (conversation-list, sync-state).
    create table mention (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      primary key (account_id, user_id, conversation_id, seq),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, conversation_id, seq) references message
    )`.execute(db);

  await sql`
    -- The earlier contents of a message, newest first along its key (message-edits).
    create table message_edit (
      account_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      version bigint not null,
      content text,
      edited_at timestamptz not null,
      edited_by uuid not null,
      primary key (account_id, conversation_id, seq, version),
      foreign key (account_id, conversation_id, seq) references message,
      foreign key (account_id, edited_by) references app_user
    )`.execute(db);
  await sql`comment on column message_edit.version is 'the version that took the place of this content'`.execute(db);

  await sql`
    -- The viewer's own reactions to a message, by its key, wherever a message is shown.
    create table reaction (
      account_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      user_id uuid not null,
      emoji text not null,
      created_at timestamptz not null,
      primary key (account_id, conversation_id, seq, user_id, emoji),
      foreign key (account_id, conversation_id, seq) references message,
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  await sql`
    -- What the viewer hid from themselves, by its key, wherever messages are shown.
    create table hide (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      primary key (account_id, user_id, conversation_id, seq),
      foreign key (account_id, conversation_id, seq) references message,
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  for (const table of ['message', 'mention', 'message_edit', 'reaction', 'hide']) await forceIsolation(db, table);
  await sql`grant select, update on message to coucou_app`.execute(db);
  await sql`grant select, insert, delete on mention, reaction to coucou_app`.execute(db);
  await sql`grant select, insert on message_edit, hide to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_append', { message: 'select, insert, update', mention: 'insert' });
  await grantDefiner(db, 'coucou_search', { hide: 'select' });
}
