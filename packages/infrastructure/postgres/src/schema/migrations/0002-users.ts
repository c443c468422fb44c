import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** People: what others see of them, how they are found, their preferences and their own feed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by every reader that shows a person, by sign-in (username_key, email_key) and by search_users.
    create table app_user (
      account_id uuid not null references account,
      id uuid not null,
      username text not null,
      username_key text not null,
      email text,
      email_key text,
      email_verified boolean not null default false,
      display_name text not null,
      display_name_key text not null default '',
      name_grams tsvector not null default '',
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
  await sql`comment on column app_user.username_key is 'the username, folded; of somebody whose name another has since the folding changed, with # and their id'`.execute(
    db,
  );
  await sql`comment on column app_user.display_name_key is 'the search key of the display name: folded'`.execute(db);
  await sql`comment on column app_user.name_grams is 'a<account>, which no gram can be, and the grams of both keys'`.execute(db);
  await sql`comment on column app_user.user_version is 'the version of the newest entry of the person''s own feed'`.execute(db);
  await sql`
    -- Sign-in by username, and the username of a suspension; keeps usernames unique.
    create unique index app_user_username_key on app_user (account_id, username_key) where username_key is not null`.execute(db);
  await sql`
    -- Sign-in by e-mail address, and search_users by a whole address; keeps addresses unique.
    create unique index app_user_email_key on app_user (account_id, email_key) where email_key is not null`.execute(db);
  await sql`
    -- search_users: the beginning of a username.
    create index app_user_username_prefix on app_user (account_id, username_key text_pattern_ops)
      where username_key is not null`.execute(db);
  await sql`
    -- search_users: the beginning of a display name.
    create index app_user_display_name_prefix on app_user (account_id, display_name_key text_pattern_ops)
      where display_name_key is not null`.execute(db);
  await sql`create extension if not exists pg_trgm`.execute(db);
  await sql`
    -- search_users: usernames that are alike. Trigram indexes hold all accounts.
    create index app_user_username_alike on app_user using gin (username_key gin_trgm_ops)`.execute(db);
  await sql`
    -- search_users: display names that are alike.
    create index app_user_display_name_alike on app_user using gin (display_name_key gin_trgm_ops)`.execute(db);
  await sql`
    -- search_users: parts of names, such as the given name of a name without spaces.
    create index app_user_name_grams on app_user using gin (name_grams)`.execute(db);

  await sql`
    -- Read by the preferences use-cases, by what shows read marks (readReceipts) and by notifications (mentionsOnly).
    create table preference (
      account_id uuid not null,
      user_id uuid not null,
      settings jsonb not null,
      updated_at timestamptz not null default clock_timestamp(),
      primary key (account_id, user_id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  await sql`
    -- The person's own feed. Read by sync (sync-feed): entries after a version, in order.
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
  // An index of every entry: one that summarises ranges of pages forgets nothing, and where old entries were removed new ones are written,
  // so that within two months each range would count as old.
  await sql`
    -- Feed trimming: the oldest entries.
    create index user_event_age on user_event (account_id, created_at, version) where created_at is not null`.execute(db);

  for (const table of ['app_user', 'preference', 'user_event']) await forceIsolation(db, table);
  await sql`grant select, insert, update on app_user, preference to coucou_app`.execute(db);
  await sql`grant select, insert, delete on user_event to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_append', { app_user: 'select (account_id, id, suspended_at)' });
  await grantDefiner(db, 'coucou_search', { app_user: 'select' });
}
