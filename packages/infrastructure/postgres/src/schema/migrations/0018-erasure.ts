import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** Deletions of people and what is still to be erased of them, exports under way, and the indexes by which both find what is somebody's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Deleted people are suspended as well, for good, so that whatever keeps suspended people out keeps them out.
  await sql`
    alter table app_user
      add column deleted_at timestamptz,
      add constraint app_user_deleted check (deleted_at is null or suspended_at is not null)`.execute(db);

  await sql`
    -- Read by its key, and by the job that carries it out.
    create table erasure (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      requested_by uuid,
      requested_at timestamptz not null,
      stage text not null check (stage in ('soon', 'at last', 'done')),
      step text,
      erased bigint not null default 0,
      due_at timestamptz,
      lease_until timestamptz,
      failures integer not null default 0,
      finished_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, requested_by) references app_user,
      check ((stage = 'done') = (finished_at is not null) and (stage = 'done') = (due_at is null))
    )`.execute(db);
  await sql`comment on column erasure.step is 'where the job goes on after an interruption'`.execute(db);
  await sql`
    -- A person is erased once.
    create unique index erasure_person on erasure (account_id, user_id)`.execute(db);
  await sql`
    -- The job (listDueErasures): what is due, in all accounts.
    create index erasure_due on erasure (due_at) where due_at is not null`.execute(db);

  await sql`
    -- The export of one's own data that is under way, by its key: one at a time.
    create table export_lease (
      account_id uuid not null,
      user_id uuid not null,
      id uuid not null,
      lease_until timestamptz not null,
      primary key (account_id, user_id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  for (const table of ['erasure', 'export_lease']) await forceIsolation(db, table);
  await sql`grant select, insert, update on erasure to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on export_lease to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', {
    erasure: 'select (account_id, id, due_at, lease_until)',
    // That something happened stays; where from and its details do not stay of somebody who is erased.
    security_event: 'select (account_id, id, user_id, ip, user_agent, details), update (ip, user_agent, details)',
  });
  await sql`grant delete on preference, session, message_edit, hide, thread_mark to coucou_app`.execute(db);

  await indexPeople(db);
}

/** Conditions as in list.ts: only queries that name the column take these indexes. */
async function indexPeople(db: Kysely<unknown>): Promise<void> {
  await sql`drop index session_by_user`.execute(db);
  await sql`
    -- The sessions of a person, and their export.
    create index session_by_user on session (account_id, user_id, id)`.execute(db);
  await sql`
    -- All memberships of a person, ended ones too: export and erasure.
    create index member_person on member (account_id, user_id, conversation_id) where joined_at is not null`.execute(db);
  await sql`
    -- The bans of a person: erasure.
    create index ban_person on ban (account_id, user_id)`.execute(db);
  await sql`
    -- The invites that a person made: export.
    create index invite_creator on invite (account_id, created_by, code) where created_at is not null`.execute(db);
  await sql`
    -- The conversations that are assigned to a person: erasure.
    create index conversation_assignee on conversation (account_id, assignee_id) where assignee_id is not null`.execute(db);
  await sql`
    -- The earlier contents of a person's messages: export and erasure.
    create index message_edit_person on message_edit (account_id, edited_by, conversation_id, seq, version) where edited_at is not null`.execute(
    db,
  );
  await sql`
    -- The reactions of a person: export.
    create index reaction_person on reaction (account_id, user_id, conversation_id, seq, emoji) where created_at is not null`.execute(db);
  await sql`
    -- The files of a person: export and erasure.
    create index attachment_person on attachment (account_id, owner_id, id) where created_at is not null`.execute(db);
  await sql`
    -- The reports that a person made: export.
    create index report_reporter on report (account_id, reporter_id, id) where created_at is not null`.execute(db);
}
