import { type Kysely, sql } from 'kysely';

/** What was given up is listed, tried again and dropped by those who administer the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The dead letters of an account, the newest first (dead-letters).
    create index outbox_dead_of_account on outbox (account_id, dead_at, id) where dead_at is not null`.execute(db);
  await sql`grant select, delete, update (dead_at, attempts, due_at) on outbox to coucou_app`.execute(db);
}
