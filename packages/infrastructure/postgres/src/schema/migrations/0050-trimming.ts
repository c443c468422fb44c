import { type Kysely, sql } from 'kysely';

/** What belongs to a message, and the column that holds its seq. */
const CHILDREN = {
  mention: 'seq',
  message_edit: 'seq',
  reaction: 'seq',
  hide: 'seq',
  thread_mark: 'root_seq',
  attachment_use: 'seq',
} as const;

/** Messages that are trimmed are deleted, and what belongs to them goes with them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table conversation add column trimmed_version bigint not null default 0`.execute(db);
  await sql`comment on column conversation.first_seq is 'the first message that is kept'`.execute(db);
  await sql`comment on column conversation.trimmed_version is 'the version in which first_seq last moved; 0: it never did'`.execute(db);

  for (const [table, seq] of Object.entries(CHILDREN)) {
    const name = `${table}_account_id_conversation_id_${seq}_fkey`;
    await sql`
      alter table ${sql.id(table)} drop constraint ${sql.id(name)}, add constraint ${sql.id(name)}
        foreign key (account_id, conversation_id, ${sql.id(seq)}) references message on delete cascade`.execute(db);
  }
  await sql`
    -- The cascade from message, and what an edit changes.
    create index mention_message on mention (account_id, conversation_id, seq) where seq is not null`.execute(db);
  await sql`
    -- The cascade from message.
    create index hide_message on hide (account_id, conversation_id, seq) where seq is not null`.execute(db);
  await sql`
    -- The cascade from message.
    create index thread_mark_root on thread_mark (account_id, conversation_id, root_seq) where root_seq is not null`.execute(db);
  await sql`grant delete on message, message_edit, thread_mark to coucou_app`.execute(db);
}
