import { type Kysely, sql } from 'kysely';

/** By which nodes notice that they do not use one Redis (docs/adr/2026-12-01-several-nodes.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table node_run add column redis_id text`.execute(db);
  await sql`comment on column node_run.redis_id is 'the id of the Redis that it sees; null while it sees none, or uses none'`.execute(db);
}
