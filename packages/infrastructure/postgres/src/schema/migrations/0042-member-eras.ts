import { type Kysely, sql } from 'kysely';

/** The key of a membership ends in an era, as that of a head does (docs/adr/2026-12-01-idle-transactions.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table member
      add column mark_writes bigint not null default 0,
      add column era bigint not null generated always as (mark_writes / 16) stored`.execute(db);
  await sql`comment on column member.mark_writes is 'how often messages and receipts wrote the marks'`.execute(db);
  await sql`comment on column member.era is
    'grows with the row: in the key, so that who looks for the newest version does not walk those that died before it'`.execute(db);
  await sql`alter table member drop constraint member_pkey`.execute(db);
  await sql`alter table member add primary key (account_id, conversation_id, user_id, era)`.execute(db);
}
