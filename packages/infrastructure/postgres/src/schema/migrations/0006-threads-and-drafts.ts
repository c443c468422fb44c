import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** How far a person has read each thread, and what they have written and not sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The viewer's mark in a thread, by its key (thread-list, thread-find).
    create table thread_mark (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      root_seq bigint not null,
      read_seq bigint not null,
      primary key (account_id, user_id, conversation_id, root_seq),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, conversation_id, root_seq) references message
    )`.execute(db);

  await sql`
    -- The person's draft in a conversation, by its key.
    create table draft (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      content text not null,
      reply_to_id uuid,
      updated_at timestamptz not null,
      primary key (account_id, user_id, conversation_id),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, conversation_id) references conversation
    )`.execute(db);

  for (const table of ['thread_mark', 'draft']) await forceIsolation(db, table);
  await sql`grant select, insert, update on thread_mark to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on draft to coucou_app`.execute(db);
}
