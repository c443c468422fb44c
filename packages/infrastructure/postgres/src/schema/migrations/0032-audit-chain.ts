import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** The hash chain over the audit log (docs/adr/2026-12-01-audit-log.md). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table audit_entry
      add column origin_salt uuid default gen_random_uuid(),
      add column details_salt uuid default gen_random_uuid()`.execute(db);
  await sql`comment on column audit_entry.origin_salt is 'of the digest that the chain has of ip and user_agent; null once they are erased'`.execute(
    db,
  );
  await sql`comment on column audit_entry.details_salt is 'of the digest that the chain has of details; null once they are erased'`.execute(
    db,
  );
  await sql`
    -- Entries without a seal, by its key: a queue, since no writer waits for the seal. A trigger fills it.
    create table audit_unsealed (
      account_id uuid not null,
      entry_id uuid not null,
      primary key (account_id, entry_id)
    )`.execute(db);
  await sql`
    -- The chain of each account, by its key. Append-only.
    create table audit_seal (
      account_id uuid not null,
      number bigint not null check (number > 0),
      entry_id uuid not null,
      previous_hash bytea not null,
      origin_digest bytea,
      details_digest bytea,
      sealed_at timestamptz not null,
      hash bytea not null,
      primary key (account_id, number),
      foreign key (account_id, entry_id) references audit_entry
    )`.execute(db);
  await sql`
    -- The seals of a page of entries (audit-all and the like), and each entry once.
    create unique index audit_seal_entry on audit_seal (account_id, entry_id)`.execute(db);

  // Forced row-level security shows its owner nothing.
  await sql`alter table audit_entry no force row level security`.execute(db);
  await sql`insert into audit_unsealed select account_id, id from audit_entry`.execute(db);
  await sql`alter table audit_entry force row level security`.execute(db);

  for (const table of ['audit_unsealed', 'audit_seal']) await forceIsolation(db, table);
  await sql`grant select, insert, delete on audit_unsealed to coucou_app`.execute(db);
  await sql`grant select, insert on audit_seal to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', { audit_unsealed: 'insert, select (account_id)' });
  await sql`grant select (origin_salt, details_salt), update (origin_salt, details_salt) on audit_entry to coucou_system`.execute(db);
}
