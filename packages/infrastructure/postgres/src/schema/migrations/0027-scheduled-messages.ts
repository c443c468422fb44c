import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Messages that are to be sent later. When they are due stands in the outbox. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read and locked by its key.
    create table scheduled_message (
      account_id uuid not null,
      id uuid not null,
      owner text not null check (owner in ('person', 'account')),
      sender_id uuid not null,
      conversation_id uuid not null,
      status text not null check (status in ('scheduled', 'sending', 'failed')),
      revision integer not null,
      type text not null check (type in ('text', 'image', 'file', 'custom')),
      content text,
      data jsonb,
      reply_to_id uuid,
      thread_root_id uuid,
      attachment_ids uuid[] not null default '{}',
      mentions uuid[] not null default '{}',
      mention_all boolean not null default false,
      expires_in_seconds integer,
      starts_at timestamptz not null,
      next_at timestamptz not null,
      rrule text,
      time_zone text,
      refusals integer not null default 0,
      refusal text,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (account_id, id),
      foreign key (account_id, sender_id) references app_user,
      foreign key (account_id, conversation_id) references conversation,
      check ((rrule is null) = (time_zone is null))
    ) with (fillfactor = 80)`.execute(db);
  const comments = {
    owner: 'whose it is: its sender, or the account, whose admins made it in the name of the sender',
    revision: 'one more with each change by its owner: an event of an earlier one sends nothing',
    starts_at: 'when it is sent, or what its recurrence is counted from',
    refusals: 'refused occurrences in a row',
    refusal: 'the code of the last refusal',
  };
  for (const [column, text] of Object.entries(comments))
    await sql`comment on column ${sql.id('scheduled_message', column)} is ${sql.lit(text)}`.execute(db);
  await sql`
    -- What a person has: the list (scheduled-list) and its count, the files that are kept for it (removeExpired), export and erasure.
    create index scheduled_message_sender on scheduled_message (account_id, sender_id, id) where created_at is not null`.execute(db);
  await sql`
    -- What belongs to the account: the list (scheduled-list-account) and its count.
    create index scheduled_message_account on scheduled_message (account_id, next_at, id) where owner = 'account'`.execute(db);
  await forceIsolation(db, 'scheduled_message');
  await sql`grant select, insert, update, delete on scheduled_message to coucou_app`.execute(db);
}
