import { type Kysely, sql } from 'kysely';

/** An event committed before a person joined, or rejoined, is not delivered to them when it arrives late (docs/adr/2026-11-20-rooms-and-removal.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table member add column joined_version bigint not null default 0`.execute(db);
  await sql`comment on column member.joined_version is 'the version of the conversation at which they joined; 0: before this was recorded'`.execute(
    db,
  );
}
