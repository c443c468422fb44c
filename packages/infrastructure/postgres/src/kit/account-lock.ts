import { type QueryExecutorProvider, sql } from 'kysely';

/** An advisory lock of the account that is set, until the unit of work ends: what is counted under it stays. `what`: its name in the account. */
export async function lockInAccount(db: QueryExecutorProvider, what: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${what}:`} || current_setting('app.account_id'), 0))`.execute(db);
}
