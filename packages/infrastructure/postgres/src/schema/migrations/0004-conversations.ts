import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** Conversations, their members, and who may come in: bans and invites. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by every reader of conversations and messages, by its key; locked first by whatever changes it, its members or its messages.
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
  await sql`comment on column conversation.countable is 'messages that count as unread: neither system messages nor replies in threads'`.execute(
    db,
  );
  await sql`
    -- Opening a direct conversation: the one of these two people, of which there is one.
    create unique index conversation_direct on conversation (account_id, direct_lower, direct_higher)
      where direct_lower is not null`.execute(db);

  await sql`
    -- Read by every reader, to say whether the viewer is a member and from where on they see; by its key.
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
  await sql`comment on column member.unread_base is
    'countable messages up to the effective read mark; unread = conversation.countable - unread_base - own_since'`.execute(db);
  await sql`comment on column member.own_since is 'own countable messages after the effective read mark'`.execute(db);
  await sql`comment on column member.receipts_at is 'the receipts version in which the marks last moved'`.execute(db);
  await sql`
    -- A user's conversations: the list (conversation-list), the rooms of a connection (memberships-of-user), sync-heads, unread-totals.
    create index member_user on member (account_id, user_id) where left_at is null`.execute(db);
  // Where groups are small on average the planner takes reading all present members for as good as looking one up by their key, and in a
  // large group it is not. Only readers that want them all name joined_at, and get the index.
  await sql`
    -- The list of members, those who joined first before the others (member-list); the readers of a message; mentions of everyone.
    create index member_joined on member (account_id, conversation_id, joined_at, user_id)
      where left_at is null and joined_at is not null`.execute(db);
  await sql`
    -- sync-members: memberships changed since a version.
    create index member_version on member (account_id, conversation_id, version) where version is not null`.execute(db);

  await sql`
    -- Read when somebody joins or is added, by its key.
    create table ban (
      account_id uuid not null,
      conversation_id uuid not null,
      user_id uuid not null,
      banned_by uuid not null,
      reason text,
      created_at timestamptz not null,
      expires_at timestamptz,
      primary key (account_id, conversation_id, user_id),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, banned_by) references app_user
    )`.execute(db);
  await sql`
    -- The bans of a conversation, newest first (ban-list).
    create index ban_newest on ban (account_id, conversation_id, created_at desc, user_id desc)`.execute(db);

  // The code is kept as it is: those who may invite see the list and hand a code on again. It opens one group to people who are signed
  // in already, it expires, and anyone who can read this table could read the group's messages as well.
  await sql`
    -- Read when an invite is used, by its code.
    create table invite (
      account_id uuid not null,
      code text not null,
      conversation_id uuid not null,
      created_by uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz,
      max_uses integer check (max_uses > 0),
      uses integer not null default 0,
      revoked_at timestamptz,
      primary key (account_id, code),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, created_by) references app_user,
      constraint invite_uses check (0 <= uses and uses <= coalesce(max_uses, uses))
    )`.execute(db);
  await sql`
    -- The invites of a conversation, newest first (invite-list).
    create index invite_newest on invite (account_id, conversation_id, created_at desc, code desc) where revoked_at is null`.execute(db);

  for (const table of ['conversation', 'member', 'ban', 'invite']) await forceIsolation(db, table);
  await sql`grant select, insert, update on conversation, member to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on ban to coucou_app`.execute(db);
  await sql`grant select, insert, update (uses, revoked_at) on invite to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_append', { conversation: 'select, update', member: 'select, update' });
  await grantDefiner(db, 'coucou_search', { conversation: 'select', member: 'select' });
}
