import { type Kysely, sql } from 'kysely';

/** How far the sealing of the audit log trails is read across accounts: the id of an entry holds the time it was made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`grant select (entry_id) on audit_unsealed to coucou_system`.execute(db);
}
