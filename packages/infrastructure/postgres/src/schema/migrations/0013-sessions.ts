import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** One row per session with its current tokens, what is known of single-use secrets, security events, and what accounts decide. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Dropped rather than changed: what the tokens of the old table were is nowhere in it, so everybody signs in once more.
  await sql`drop table refresh_token, session`.execute(db);
  await sql`
    -- Read by every use-case of auth, by its key.
    create table session (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      ip text not null,
      user_agent text not null,
      method text not null,
      created_at timestamptz not null,
      last_used_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      revoked_for text,
      rotation integer not null,
      rotated_at timestamptz not null,
      token_hash text not null,
      previous_hash text,
      sealed_successor text,
      used_rotation integer not null,
      primary key (account_id, id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`comment on column session.used_rotation is 'the newest rotation whose access token has been used; -1 for none'`.execute(db);
  await sql`comment on column session.revoked_at is 'by the clock of the database, since other nodes ask for the newest'`.execute(db);
  await sql`
    -- The sessions of a person.
    create index session_by_user on session (account_id, user_id)`.execute(db);
  await sql`
    -- The poll of every node (listAccessChanges): what ended lately, in all accounts.
    create index session_revoked on session (revoked_at) where revoked_at is not null`.execute(db);
  await sql`
    -- The poll of every node (listAccessChanges): who was suspended lately, in all accounts.
    create index app_user_suspended on app_user (suspended_at) where suspended_at is not null`.execute(db);
  await forceIsolation(db, 'session');
  await sql`grant select, insert, update on session to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', {
    session: 'select (account_id, id, user_id, revoked_at, revoked_for)',
    app_user: 'select (account_id, id, suspended_at)',
  });

  await sql`
    alter table app_user add column security_version integer not null default 0`.execute(db);
  await sql`comment on column app_user.security_version is 'raised with the password and the address: links sent before are void'`.execute(
    db,
  );

  await sql`
    alter table account
      add column settings jsonb not null default '{}',
      add column suspended_at timestamptz`.execute(db);
  await sql`grant update (settings) on account to coucou_app`.execute(db);
  await sql`grant update (suspended_at) on account to coucou_system`.execute(db);

  await sql`
    -- Single-use secrets that were used, by what identifies them (claimOnce, by its key). Forgotten some time after they expired.
    create table claim (
      account_id uuid not null references account,
      purpose text not null,
      key text not null,
      expires_at timestamptz not null,
      primary key (account_id, purpose, key)
    )`.execute(db);
  await sql`
    -- Forgetting: the claims that expired first.
    create index claim_expiry on claim (account_id, expires_at) where expires_at is not null`.execute(db);

  await sql`
    -- What happened to people's access; append-only.
    create table security_event (
      account_id uuid not null references account,
      id uuid not null,
      kind text not null,
      user_id uuid,
      session_id uuid,
      ip text not null,
      user_agent text not null,
      details jsonb not null,
      at timestamptz not null,
      primary key (account_id, id)
    )`.execute(db);
  await sql`
    -- The newest events of one person.
    create index security_event_user on security_event (account_id, user_id, id) where user_id is not null`.execute(db);

  for (const table of ['claim', 'security_event']) await forceIsolation(db, table);
  await sql`grant select, insert, delete on claim to coucou_app`.execute(db);
  await sql`grant select, insert on security_event to coucou_app`.execute(db);
}
