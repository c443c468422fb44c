import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** Durable facts on their way to subscribers, written by the transaction that they tell of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by the outbox runner, by the system role; what was delivered is removed by its key.
    create table outbox (
      account_id uuid not null references account,
      id uuid not null,
      type text not null,
      payload jsonb not null,
      created_at timestamptz not null default clock_timestamp(),
      due_at timestamptz not null default clock_timestamp(),
      attempts integer not null default 0,
      last_error text,
      dead_at timestamptz,
      primary key (account_id, id)
    )`.execute(db);
  await sql`
    -- The claim of what is due, the earliest first (outbox-claim).
    create index outbox_due on outbox (due_at) where dead_at is null`.execute(db);

  await forceIsolation(db, 'outbox');
  await sql`grant insert on outbox to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', { outbox: 'select, update, delete' });
  await grantDefiner(db, 'coucou_append', { outbox: 'insert' });
}
