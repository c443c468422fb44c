import { type Kysely, sql } from 'kysely';

/** Limits of one account in place of the server's. The operator grants them, so the account itself may read them and no more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table account
      add column limits jsonb not null default '{}',
      add column limits_changed_at timestamptz`.execute(db);
  await sql`comment on column account.limits_changed_at is 'by the clock of the database, since all nodes ask for the newest'`.execute(db);
  await sql`
    -- The poll of every node (listAccountLimits): whose limits changed lately.
    create index account_limits_changed on account (limits_changed_at) where limits_changed_at is not null`.execute(db);
  await sql`grant update (limits, limits_changed_at) on account to coucou_system`.execute(db);
}
