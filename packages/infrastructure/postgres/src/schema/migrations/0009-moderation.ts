import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Reports, and the words that an account masks or rejects. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Written when somebody reports; read for an earlier report of the same.
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
  await sql`
    -- The earlier report of a message by the same person: there is one at most.
    create unique index report_message_once on report (account_id, reporter_id, message_id) where kind = 'message'`.execute(db);
  await sql`
    -- The earlier report of a person by the same person: there is one at most.
    create unique index report_user_once on report (account_id, reporter_id, user_id) where kind = 'user'`.execute(db);

  await sql`
    -- Read whole, by the word list of an account, in the order of its words.
    create table word_rule (
      account_id uuid not null references account,
      word text not null,
      action text not null check (action in ('mask', 'reject')),
      primary key (account_id, word)
    )`.execute(db);

  for (const table of ['report', 'word_rule']) await forceIsolation(db, table);
  await sql`grant select, insert on report to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on word_rule to coucou_app`.execute(db);
}
