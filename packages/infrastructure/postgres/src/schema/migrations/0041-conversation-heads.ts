import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** What every message changes of its conversation, in a row of its own (docs/adr/2026-12-01-idle-transactions.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One row for each conversation, locked first by whatever changes it, its members or its messages. Read by its key, the newest version first.
    create table conversation_head (
      account_id uuid not null,
      conversation_id uuid not null,
      last_seq bigint not null,
      version bigint not null,
      receipts_version bigint not null,
      access_version bigint not null,
      countable bigint not null,
      active_at timestamptz not null,
      era bigint not null generated always as ((version + receipts_version + access_version) / 16) stored,
      primary key (account_id, conversation_id, era),
      foreign key (account_id, conversation_id) references conversation
    ) with (fillfactor = 50)`.execute(db);
  const comments = {
    countable: 'messages that count as unread: neither system messages nor replies in threads',
    active_at: 'the time of the newest message; before the first, when the conversation was created',
    era: 'grows with the row: in the key, so that who looks for the newest version does not walk those that died before it',
  };
  for (const [column, text] of Object.entries(comments))
    await sql`comment on column ${sql.id('conversation_head', column)} is ${sql.lit(text)}`.execute(db);

  // The owner is under row-level security as everybody is, without an account: it would see nothing to move.
  await sql`alter table conversation no force row level security`.execute(db);
  await sql`
    insert into conversation_head (account_id, conversation_id, last_seq, version, receipts_version, access_version, countable, active_at)
    select account_id, id, last_seq, version, receipts_version, access_version, countable, coalesce(last_message_at, created_at)
    from conversation`.execute(db);
  await sql`alter table conversation force row level security`.execute(db);
  await sql`
    alter table conversation
      drop column last_seq, drop column version, drop column receipts_version, drop column access_version, drop column countable,
      drop column last_message_at,
      set (fillfactor = 90)`.execute(db);

  await forceIsolation(db, 'conversation_head');
  await sql`grant select, insert, update on conversation_head to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_append', { conversation_head: 'select, update' });
  await grantDefiner(db, 'coucou_search', { conversation_head: 'select' });
  await sql`revoke update on conversation from coucou_append`.execute(db);
}
