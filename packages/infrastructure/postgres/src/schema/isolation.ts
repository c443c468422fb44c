import { type Kysely, sql } from 'kysely';

const RULE = `account_id = nullif(current_setting('app.account_id', true), '')::uuid`;

/**
 * Puts a tenant's table under row-level security, enabled and forced: the runtime role (`coucou_app`) sees and writes the rows of the
 * account that is set for its transaction, and no others. For the migrations of the core and of feature packages, right after `create
 * table`. The table has a column `account_id uuid not null`, and its primary key, uniques and foreign keys begin with it. What the
 * runtime may do with the rows is granted by the migration: `grant select, insert on <table> to coucou_app`.
 *
 * A policy rather than a default: after its first use in a session the setting reads `''`, hence `nullif`.
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
