import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** The connection log and the presence log, written in batches for all accounts at once, and past any unit of work (activity-store.ts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One life of one server process; its own connections have an end or are open. Not of an account.
    create table node_run (
      id uuid primary key,
      node text not null,
      seen_at timestamptz not null
    )`.execute(db);
  await sql`grant select, insert, update, delete on node_run to coucou_system`.execute(db);

  await sql`
    -- Listed by its key, which is in the order of time (activity-connections). No foreign keys: each row of a batch would lock the row of a
    -- person, and one person who is gone would fail all others.
    create table connection_log (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      session_id uuid not null,
      run_id uuid not null,
      node text not null,
      transport text not null check (transport in ('polling', 'websocket', 'plain')),
      ip text not null,
      user_agent text not null,
      connected_at timestamptz not null,
      ended_at timestamptz,
      end_reason text,
      primary key (account_id, id),
      check ((ended_at is null) = (end_reason is null))
    )`.execute(db);
  await sql`comment on column connection_log.end_reason is 'unknown: the node stopped without saying; it was last seen then'`.execute(db);
  await sql`
    -- The history of a person (activity-connections-of-one), their export and their erasure.
    create index connection_log_person on connection_log (account_id, user_id, id)`.execute(db);
  await sql`
    -- What has been kept for long enough (activity.trim).
    create index connection_log_ended on connection_log (account_id, ended_at) where ended_at is not null`.execute(db);
  await sql`
    -- What a node that is gone left open, and what one that came back had (activity-close, activity-reopen).
    create index connection_log_run on connection_log (run_id) where ended_at is null or end_reason = 'unknown'`.execute(db);
  await forceIsolation(db, 'connection_log');
  await sql`grant select, delete on connection_log to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', { connection_log: 'select, insert, update' });

  await sql`
    -- No foreign key, as above.
    create table presence_log (
      account_id uuid not null,
      user_id uuid not null,
      at timestamptz not null,
      id uuid not null,
      status text not null check (status in ('online', 'away', 'offline')),
      -- The history of a person (activity-presence-of-one), their export and their erasure.
      primary key (account_id, user_id, at, id)
    )`.execute(db);
  await sql`
    -- The log of an account (activity-presence), and what has been kept for long enough (activity.trim).
    create index presence_log_at on presence_log (account_id, at, id)`.execute(db);
  await forceIsolation(db, 'presence_log');
  await sql`grant select, delete on presence_log to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', { presence_log: 'insert' });
}
