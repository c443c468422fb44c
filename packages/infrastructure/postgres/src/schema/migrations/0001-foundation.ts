import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from './isolation.ts';

/**
 * Accounts, identity, conversations, messages and the outbox. Every key of a tenant's table starts with `account_id`.
 *
 * Secondary indexes are partial on a column being there, which it always is: only a query that compares that column can use them. All
 * begin with the account, so before the first statistics the planner takes any of them for a lookup by the key, and reads a whole
 * conversation where one row is meant.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table deployment (
      one boolean primary key default true check (one),
      epoch uuid not null default gen_random_uuid()
    )`.execute(db);
  await sql`insert into deployment default values`.execute(db);

  await sql`
    create table signing_key (
      kid text primary key,
      first boolean unique check (first),
      algorithm text not null,
      public_jwk text not null,
      sealed_private_jwk text not null,
      created_at timestamptz not null
    )`.execute(db);

  await sql`
    create table account (
      account_id uuid primary key,
      name text not null,
      client_key text not null unique,
      created_at timestamptz not null
    )`.execute(db);

  await sql`
    create table app_user (
      account_id uuid not null references account,
      id uuid not null,
      username text not null,
      username_key text not null,
      email text,
      email_key text,
      email_verified boolean not null default false,
      display_name text not null,
      avatar_url text,
      bio text,
      custom jsonb,
      role text not null check (role in ('owner', 'admin', 'member', 'guest')),
      password_hash text,
      created_at timestamptz not null,
      last_seen_at timestamptz,
      suspended_at timestamptz,
      user_version bigint not null default 0,
      primary key (account_id, id)
    )`.execute(db);
  await sql`create unique index app_user_username_key on app_user (account_id, username_key) where username_key is not null`.execute(db);
  await sql`create unique index app_user_email_key on app_user (account_id, email_key) where email_key is not null`.execute(db);

  await sql`
    create table session (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      ip text not null,
      user_agent text not null,
      created_at timestamptz not null,
      last_used_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  // Serves the list of a person's sessions.
  await sql`create index session_by_user on session (account_id, user_id)`.execute(db);

  await sql`
    create table refresh_token (
      account_id uuid not null,
      token_hash text not null,
      session_id uuid not null,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      spent_at timestamptz,
      primary key (account_id, token_hash),
      foreign key (account_id, session_id) references session on delete cascade
    )`.execute(db);
  // Serves the refresh of a token, which names no account; not unique, so that it tells nothing across accounts.
  await sql`create index refresh_token_hash on refresh_token (token_hash)`.execute(db);
  // Serves the foreign key, and the end of a family.
  await sql`create index refresh_token_session on refresh_token (account_id, session_id)`.execute(db);

  await sql`
    create table conversation (
      account_id uuid not null references account,
      id uuid not null,
      type text not null check (type in ('direct', 'group')),
      visibility text not null default 'private' check (visibility in ('private', 'public')),
      title text,
      description text,
      avatar_url text,
      custom jsonb,
      settings jsonb not null,
      direct_lower uuid,
      direct_higher uuid,
      created_by uuid not null,
      created_at timestamptz not null,
      last_seq bigint not null default 0,
      first_seq bigint not null default 1,
      version bigint not null,
      receipts_version bigint not null default 0,
      access_version bigint not null,
      countable bigint not null default 0,
      member_count integer not null,
      last_message_at timestamptz,
      changed_version bigint not null,
      slow_mode_seconds integer not null generated always as (coalesce((settings->>'slowModeSeconds')::integer, 0)) stored,
      status text not null default 'open' check (status in ('open', 'pending', 'resolved')),
      assignee_id uuid,
      labels text[] not null default '{}',
      deleted_at timestamptz,
      primary key (account_id, id),
      check ((type = 'direct') = (direct_lower is not null and direct_higher is not null)),
      check (direct_lower < direct_higher),
      foreign key (account_id, created_by) references app_user,
      foreign key (account_id, direct_lower) references app_user,
      foreign key (account_id, direct_higher) references app_user,
      foreign key (account_id, assignee_id) references app_user
    ) with (fillfactor = 50)`.execute(db);

  await sql`create unique index conversation_direct on conversation (account_id, direct_lower, direct_higher)
    where direct_lower is not null`.execute(db);

  await sql`
    create table member (
      account_id uuid not null,
      conversation_id uuid not null,
      user_id uuid not null,
      role text not null check (role in ('owner', 'admin', 'moderator', 'member')),
      joined_at timestamptz not null,
      joined_seq bigint not null,
      delivered_seq bigint not null,
      read_seq bigint not null,
      unread_from_seq bigint,
      unread_base bigint not null,
      own_since bigint not null default 0,
      receipts_at bigint not null default 0,
      version bigint not null,
      posting_muted_until timestamptz,
      notify_muted_until timestamptz,
      notify text not null default 'all' check (notify in ('all', 'mentions', 'none')),
      archived boolean not null default false,
      pinned boolean not null default false,
      last_posted_at timestamptz,
      left_at timestamptz,
      primary key (account_id, conversation_id, user_id),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, user_id) references app_user,
      check (0 <= read_seq and read_seq <= delivered_seq)
    ) with (fillfactor = 70)`.execute(db);
  // Serves the inbox and the rooms of a connection: one's own conversations.
  await sql`create index member_user on member (account_id, user_id) where left_at is null`.execute(db);
  // Serves the list of members, those who joined first before the others.
  await sql`create index member_joined on member (account_id, conversation_id, joined_at, user_id) where left_at is null`.execute(db);
  // Serves sync: memberships changed since a version.
  await sql`create index member_version on member (account_id, conversation_id, version) where version is not null`.execute(db);
  await sql`comment on column member.unread_base is
    'countable messages up to the effective read mark; unread = conversation.countable - unread_base - own_since'`.execute(db);
  await sql`comment on column member.own_since is 'own countable messages after the effective read mark'`.execute(db);

  await sql`
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
      constraint message_sent_once unique (account_id, conversation_id, sender_id, client_message_id),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, sender_id) references app_user
    )`.execute(db);
  // Serves the list of a thread.
  await sql`create index message_thread on message (account_id, conversation_id, thread_root_seq, seq) where thread_root_seq is not null`.execute(
    db,
  );
  // Serves the pins of a conversation.
  await sql`create index message_pinned on message (account_id, conversation_id, pinned_at) where pinned_at is not null`.execute(db);
  // Serves the count of mentions of everyone.
  await sql`create index message_mention_all on message (account_id, conversation_id, seq) where mention_all`.execute(db);
  // Serves sync: messages changed since a version.
  await sql`create index message_version on message (account_id, conversation_id, version) where version is not null`.execute(db);
  // Serves operations that name a message by its id.
  await sql`create index message_id on message (account_id, id) where id is not null`.execute(db);
  // Serves history around a time; times never go back within a conversation.
  await sql`create index message_time on message (account_id, conversation_id, created_at, seq) where created_at is not null`.execute(db);

  await sql`
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
    create table user_event (
      account_id uuid not null,
      user_id uuid not null,
      version bigint not null,
      kind text not null,
      payload jsonb not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (account_id, user_id, version),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  await sql`
    create table outbox (
      account_id uuid not null references account,
      id uuid not null,
      type text not null,
      payload jsonb not null,
      created_at timestamptz not null default clock_timestamp(),
      due_at timestamptz not null default clock_timestamp(),
      attempts integer not null default 0,
      last_error text,
      dead_at timestamptz,
      primary key (account_id, id)
    )`.execute(db);
  // Serves the claim of what is due.
  await sql`create index outbox_due on outbox (due_at) where dead_at is null`.execute(db);

  for (const table of [
    'account',
    'app_user',
    'session',
    'refresh_token',
    'conversation',
    'member',
    'message',
    'mention',
    'user_event',
    'outbox',
  ])
    await forceIsolation(db, table);

  await sql`grant select on deployment to coucou_app, coucou_system`.execute(db);
  await sql`grant select on account to coucou_app`.execute(db);
  await sql`grant select, insert, update on app_user, session, refresh_token, conversation, member to coucou_app`.execute(db);
  await sql`grant select, update on message to coucou_app`.execute(db);
  await sql`grant select, insert on user_event to coucou_app`.execute(db);
  await sql`grant select, insert, delete on mention to coucou_app`.execute(db);
  await sql`grant insert on outbox to coucou_app`.execute(db);

  await sql`grant select, insert on signing_key to coucou_system`.execute(db);
  await grantDefiner(db, 'coucou_system', {
    account: 'select, insert',
    refresh_token: 'select (account_id, token_hash)',
    outbox: 'select, update, delete',
  });
  await grantDefiner(db, 'coucou_append', {
    conversation: 'select, update',
    member: 'select, update',
    message: 'select, insert, update',
    mention: 'insert',
    outbox: 'insert',
    app_user: 'select (account_id, id, suspended_at)',
  });
}
