import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** Uploaded files, and the messages that use them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by messages that show it and by downloads (attachment-openable), by its key.
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
  await sql`
    -- The quota of a person, from the index alone.
    create index attachment_owner on attachment (account_id, owner_id) include (quota_bytes) where owner_id is not null`.execute(db);
  await sql`
    -- The collector: what is old enough to be removed.
    create index attachment_age on attachment (account_id, created_at) where created_at is not null`.execute(db);
  // The reconciler asks whose a file is; a key has one row.
  await sql`
    -- The reconciler: the attachment of an upload.
    create unique index attachment_upload_key on attachment (account_id, upload_key) where upload_key is not null`.execute(db);
  await sql`
    -- The reconciler: the attachment of a stored file.
    create unique index attachment_storage_key on attachment (account_id, storage_key) where storage_key is not null`.execute(db);
  await sql`
    -- The reconciler: the attachment of a thumbnail.
    create unique index attachment_thumbnail_key on attachment (account_id, thumbnail_key) where thumbnail_key is not null`.execute(db);

  await sql`
    -- Who may open a file: the messages that use it, by its key (attachment-openable); the collector: whether any does.
    create table attachment_use (
      account_id uuid not null,
      attachment_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      primary key (account_id, attachment_id, conversation_id, seq),
      foreign key (account_id, attachment_id) references attachment,
      foreign key (account_id, conversation_id, seq) references message
    )`.execute(db);
  await sql`
    -- The deletion of a message: what it used.
    create index attachment_use_message on attachment_use (account_id, conversation_id, seq)`.execute(db);

  for (const table of ['attachment', 'attachment_use']) await forceIsolation(db, table);
  await sql`grant select, insert, update, delete on attachment to coucou_app`.execute(db);
  await sql`grant select, delete on attachment_use to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_append', { attachment_use: 'insert' });
}
