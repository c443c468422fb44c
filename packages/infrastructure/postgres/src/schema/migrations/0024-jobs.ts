import { type Kysely, sql } from 'kysely';

/** Events that are handed to a queue, from which others take them (docs/adr/2026-12-01-job-queue.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table outbox
      -- When whoever runs the event took it; null while it waits in a queue, and for what is run in batches.
      add column running_since timestamptz`.execute(db);
}
