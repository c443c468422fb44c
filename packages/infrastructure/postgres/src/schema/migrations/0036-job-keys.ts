import { type Kysely, sql } from 'kysely';

/** Events of which one at a time waits, jobs that say how far they are, and erasures as jobs (docs/adr/2026-12-01-job-queue.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table outbox
      add column dedup_key text,
      add column progress real check (progress between 0 and 1)`.execute(db);
  await sql`comment on column outbox.dedup_key is 'null once an attempt has begun, after which another event of the key may wait'`.execute(
    db,
  );
  await sql`comment on column outbox.progress is 'what a running job says of itself, from 0 to 1'`.execute(db);
  await sql`
    -- One of a key waits: what stores an event (storeOnce).
    create unique index outbox_dedup on outbox (account_id, type, dedup_key) where dedup_key is not null`.execute(db);
  // What is ordered anew (listDueErasures).
  await sql`grant select (user_id, failures) on erasure to coucou_system`.execute(db);
}
