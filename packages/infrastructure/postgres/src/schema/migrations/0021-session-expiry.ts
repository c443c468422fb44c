import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The sessions that expired long ago (auth.forgetExpired).
    create index session_expiry on session (account_id, expires_at) where expires_at is not null`.execute(db);
}
