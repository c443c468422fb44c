import { type Kysely, sql } from 'kysely';

const RULE = `account_id = nullif(current_setting('app.account_id', true), '')::uuid`;

/**
 * Row-level security, enabled and forced: the runtime role sees the rows of the account set for its transaction. After its first use
 * the setting reads `''`, hence `nullif`.
 */
export async function forceIsolation(db: Kysely<unknown>, table: string): Promise<void> {
  const name = sql.id(table);
  await sql`alter table ${name} enable row level security`.execute(db);
  await sql`alter table ${name} force row level security`.execute(db);
  await sql`create policy account_isolation on ${name} to coucou_app using (${sql.raw(RULE)}) with check (${sql.raw(RULE)})`.execute(db);
}

/** Lets a NOLOGIN role see every account in these tables, with exactly these privileges; it never bypasses row-level security. */
export async function grantDefiner(db: Kysely<unknown>, role: string, tables: Readonly<Record<string, string>>): Promise<void> {
  for (const [table, privileges] of Object.entries(tables)) {
    await sql`create policy ${sql.id(`${role}_all`)} on ${sql.id(table)} to ${sql.id(role)} using (true) with check (true)`.execute(db);
    await sql`grant ${sql.raw(privileges)} on ${sql.id(table)} to ${sql.id(role)}`.execute(db);
  }
}

/**
 * Creates a function that runs as `owner`: a NOLOGIN role with its own policies, for the table owner itself sees no row under forced
 * row-level security. Only the runtime role may call it.
 */
export async function createDefinerFunction(db: Kysely<unknown>, owner: string, signature: string, definition: string): Promise<void> {
  await sql.raw(definition).execute(db);
  await sql.raw(`grant create on schema public to ${owner}`).execute(db);
  await sql.raw(`alter function ${signature} owner to ${owner}`).execute(db);
  await sql.raw(`revoke create on schema public from ${owner}`).execute(db);
  await sql.raw(`set local role ${owner}`).execute(db);
  await sql.raw(`revoke all on function ${signature} from public`).execute(db);
  await sql.raw(`grant execute on function ${signature} to coucou_app`).execute(db);
  await sql.raw('reset role').execute(db);
}
