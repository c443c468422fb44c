import { type Kysely, sql } from 'kysely';

/**
 * Claims of the outbox by worker, found without a look at what is done: while a session stays idle in a transaction, nothing that was
 * deleted leaves an index, and a scan that begins at the oldest entry would read all of it (docs/adr/2026-11-30-outbox-claims.md).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table outbox
      -- The transaction that stored the event, until it is claimed; null for one that waits for a time.
      add column stored_by xid8 default pg_current_xact_id(),
      -- The worker that has it. Not a foreign key: it would be checked for every row.
      add column claimed_by uuid`.execute(db);
  // What waits for a time, or is dead already, is found by that.
  await sql`update outbox set stored_by = null where dead_at is not null or due_at > clock_timestamp() or attempts > 0`.execute(db);
  await sql`drop index outbox_due`.execute(db);
  await sql`
    -- The claim of what transactions stored since the last one (outbox-claim).
    create index outbox_stored on outbox (stored_by, id) where stored_by is not null`.execute(db);
  await sql`
    -- The claim of what waited for a time: delayed, failed, or taken back (outbox-claim).
    create index outbox_due on outbox (due_at) where stored_by is null and claimed_by is null and dead_at is null`.execute(db);
  await sql`
    -- What a worker that is gone had claimed (outbox-release).
    create index outbox_claimed on outbox (claimed_by) where claimed_by is not null`.execute(db);
  await sql`
    -- Dead letters, the newest first (pnpm cli jobs).
    create index outbox_dead on outbox (dead_at) where dead_at is not null`.execute(db);

  await sql`
    -- Who holds claims. An effect's transaction locks the row of its worker, so that it commits only while the claim holds.
    create table outbox_worker (
      id uuid primary key,
      lease_until timestamptz not null
    )`.execute(db);
  await sql`grant select, insert, update, delete on outbox_worker to coucou_system`.execute(db);
}
