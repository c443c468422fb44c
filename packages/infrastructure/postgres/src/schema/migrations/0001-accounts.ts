import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** What a deployment has once, and the accounts that share it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One row. Read at start-up: a client that holds another epoch knows that the database was restored (sync).
    create table deployment (
      one boolean primary key default true check (one),
      epoch uuid not null default gen_random_uuid(),
      -- Where the database lived when it was first used (deployment.ts): another place may be a restored copy.
      place jsonb,
      -- Written by every check of readiness.
      probed_at timestamptz
    )`.execute(db);
  await sql`insert into deployment default values`.execute(db);
  await sql`grant select on deployment to coucou_app, coucou_system`.execute(db);
  await sql`grant update (place, probed_at) on deployment to coucou_system`.execute(db);

  await sql`
    -- Read by the account directory: the client key that a request brings names its account.
    create table account (
      account_id uuid primary key,
      name text not null,
      client_key text not null unique,
      created_at timestamptz not null
    )`.execute(db);
  await forceIsolation(db, 'account');
  await sql`grant select on account to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', { account: 'select, insert' });
}
