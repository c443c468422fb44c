import { type Kysely, sql } from 'kysely';

/** By which a migration that takes something away knows whether a node still uses it (docs/adr/2026-12-03-upgrades.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table node_run add column version text`.execute(db);
  await sql`comment on column node_run.version is 'of the product; null: from before nodes recorded it'`.execute(db);
}
