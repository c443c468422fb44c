import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Check, Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key: what was decided for a conversation, or with the account's own id for the account.
    create table retention (
      account_id uuid not null references account,
      scope_id uuid not null,
      conversation_id uuid,
      has_policy boolean not null default false,
      max_age_days integer check (max_age_days > 0),
      max_messages bigint check (max_messages > 0),
      archive boolean not null default false,
      held_at timestamptz,
      held_by uuid,
      held_reason text,
      removed_to bigint not null default 0,
      primary key (account_id, scope_id),
      foreign key (account_id, conversation_id) references conversation,
      check (scope_id = coalesce(conversation_id, account_id)),
      check ((held_at is null) = (held_reason is null))
    ) with (fillfactor = 50)`.execute(db);
  await sql`comment on column retention.removed_to is 'of the messages that were trimmed, those up to this seq are deleted'`.execute(db);

  await sql`
    -- Read by its key: a download.
    create table retention_archive (
      account_id uuid not null,
      id uuid not null,
      conversation_id uuid not null,
      first_seq bigint not null,
      last_seq bigint not null,
      messages bigint not null,
      bytes bigint not null,
      storage_key text not null,
      pending boolean not null default true,
      created_at timestamptz not null,
      primary key (account_id, id),
      foreign key (account_id, conversation_id) references conversation
    )`.execute(db);
  await sql`comment on column retention_archive.pending is 'its messages are not trimmed yet'`.execute(db);
  await sql`
    -- The archives of an account, the newest first (retention-archives).
    create index retention_archive_newest on retention_archive (account_id, created_at desc, id desc) where not pending`.execute(db);
  await sql`
    -- The archives of a conversation; those that an interrupted run left.
    create index retention_archive_conversation on retention_archive (account_id, conversation_id, created_at desc, id desc)
      where first_seq is not null`.execute(db);

  for (const table of ['retention', 'retention_archive']) await forceIsolation(db, table);
  await sql`grant select, insert, update on retention to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on retention_archive to coucou_app`.execute(db);
}

const personalData: PersonalData = {
  retention: {
    ids: 'held_by',
    plain: 'scope_id conversation_id has_policy max_age_days max_messages archive held_at held_reason removed_to',
  },
  retention_archive: { plain: 'id conversation_id first_seq last_seq messages bytes storage_key pending created_at' },
};

const createdTables: Migration = { up: createTables };

const checks: readonly Check[] = [
  {
    name: 'retention',
    proves: 'only messages that are trimmed are removed, and only those are in complete archives',
    faults: `
      select r.account_id, 'conversation ' || c.id || ': messages are removed up to ' || r.removed_to || ', and kept from ' || c.first_seq as what
      from retention r join conversation c on c.account_id = r.account_id and c.id = r.conversation_id
      where r.removed_to >= c.first_seq
      union all
      select a.account_id, 'archive ' || a.id || ' holds messages up to ' || a.last_seq || ', and they are kept from ' || c.first_seq
      from retention_archive a join conversation c on c.account_id = a.account_id and c.id = a.conversation_id
      where not a.pending and a.last_seq >= c.first_seq`,
  },
];

export const retentionSchema: SchemaSet = {
  name: 'retention',
  migrations: { '0001-retention': createdTables },
  functions: [],
  personalData,
  checks,
  files: `select account_id, storage_key as key, 'archive ' || id as what from retention_archive where not pending`,
};
