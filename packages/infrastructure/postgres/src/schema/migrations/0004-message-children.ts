import { type Kysely, sql } from 'kysely';
import { forceIsolation } from './isolation.ts';

/** What hangs on messages; each refers to (account, conversation, seq), so that messages can be partitioned by conversation. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
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

  await sql`
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
    create table hide (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      primary key (account_id, user_id, conversation_id, seq),
      foreign key (account_id, conversation_id, seq) references message,
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  await sql`
    create table attachment (
      account_id uuid not null,
      id uuid not null,
      owner_id uuid not null,
      name text not null,
      type text not null,
      size bigint not null,
      width integer,
      height integer,
      status text not null check (status in ('pending', 'ready')),
      upload_key text,
      storage_key text,
      thumbnail_key text,
      quota_bytes bigint not null check (quota_bytes > 0),
      created_at timestamptz not null,
      primary key (account_id, id),
      foreign key (account_id, owner_id) references app_user,
      check ((status = 'pending') = (upload_key is not null)),
      check ((status = 'ready') = (storage_key is not null))
    )`.execute(db);
  // Serves the quota of a person, from the index alone.
  await sql`create index attachment_owner on attachment (account_id, owner_id) include (quota_bytes)`.execute(db);
  // Serves the collector: what is old enough to be given up.
  await sql`create index attachment_age on attachment (account_id, created_at)`.execute(db);
  // Serve the reconciler's question whose file this is; a key has one row.
  await sql`create unique index attachment_upload_key on attachment (account_id, upload_key) where upload_key is not null`.execute(db);
  await sql`create unique index attachment_storage_key on attachment (account_id, storage_key) where storage_key is not null`.execute(db);
  await sql`create unique index attachment_thumbnail_key on attachment (account_id, thumbnail_key) where thumbnail_key is not null`.execute(
    db,
  );

  await sql`
    create table attachment_use (
      account_id uuid not null,
      attachment_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      primary key (account_id, attachment_id, conversation_id, seq),
      foreign key (account_id, attachment_id) references attachment,
      foreign key (account_id, conversation_id, seq) references message
    )`.execute(db);
  // Serves the deletion of a message: what it made reachable.
  await sql`create index attachment_use_message on attachment_use (account_id, conversation_id, seq)`.execute(db);

  for (const table of ['message_edit', 'reaction', 'hide', 'attachment', 'attachment_use']) await forceIsolation(db, table);
  await sql`grant select, insert on message_edit, hide to coucou_app`.execute(db);
  await sql`grant select, insert, delete on reaction to coucou_app`.execute(db);
  await sql`grant select, delete on attachment_use to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on attachment to coucou_app`.execute(db);
  await sql`create policy coucou_append_all on attachment_use to coucou_append using (true) with check (true)`.execute(db);
  await sql`grant insert on attachment_use to coucou_append`.execute(db);
}
