import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** Sessions, their refresh tokens, and the keys that sign access tokens. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read at start-up and when keys rotate, by the system role. "first" lets one of several nodes make the first key.
    create table signing_key (
      kid text primary key,
      first boolean unique check (first),
      algorithm text not null,
      public_jwk text not null,
      sealed_private_jwk text not null,
      created_at timestamptz not null
    )`.execute(db);
  await sql`grant select, insert on signing_key to coucou_system`.execute(db);

  await sql`
    -- Read by every use-case of auth, by its key.
    create table session (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      ip text not null,
      user_agent text not null,
      created_at timestamptz not null,
      last_used_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`
    -- The sessions of a person.
    create index session_by_user on session (account_id, user_id)`.execute(db);

  await sql`
    -- Read by the refresh of a session, by its key.
    create table refresh_token (
      account_id uuid not null,
      token_hash text not null,
      session_id uuid not null,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      spent_at timestamptz,
      primary key (account_id, token_hash),
      foreign key (account_id, session_id) references session on delete cascade
    )`.execute(db);
  await sql`
    -- A refresh names no account: the system role finds it by the token. Not unique, so that it tells nothing across accounts.
    create index refresh_token_hash on refresh_token (token_hash)`.execute(db);
  await sql`
    -- The cascade from session: all tokens of one session.
    create index refresh_token_session on refresh_token (account_id, session_id)`.execute(db);

  for (const table of ['session', 'refresh_token']) await forceIsolation(db, table);
  await sql`grant select, insert, update on session, refresh_token to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_system', { refresh_token: 'select (account_id, token_hash)' });
}
