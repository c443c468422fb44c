import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Authenticator apps with their recovery codes, and passkeys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read at every sign-in, by its key.
    create table totp (
      account_id uuid not null,
      user_id uuid not null,
      sealed_secret text not null,
      created_at timestamptz not null,
      confirmed_at timestamptz,
      last_step bigint,
      primary key (account_id, user_id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`comment on column totp.last_step is 'the newest step whose code was used: it and those before are spent'`.execute(db);
  await sql`
    -- Spent by its key: a used one is gone.
    create table recovery_code (
      account_id uuid not null,
      user_id uuid not null,
      code_hash text not null,
      primary key (account_id, user_id, code_hash),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`
    create table passkey (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      credential_id text not null,
      public_key text not null,
      counter bigint not null,
      transports jsonb not null,
      backed_up boolean not null,
      name text not null,
      created_at timestamptz not null,
      last_used_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`
    -- A sign-in finds its passkey by the authenticator's name for it (lookupByCredential).
    create unique index passkey_credential on passkey (account_id, credential_id)`.execute(db);
  await sql`
    -- The passkeys of a person; exports page by it.
    create index passkey_by_user on passkey (account_id, user_id, id) where user_id is not null`.execute(db);
  for (const table of ['totp', 'recovery_code', 'passkey']) await forceIsolation(db, table);
  await sql`grant select, insert, update, delete on totp, passkey to coucou_app`.execute(db);
  await sql`grant select, insert, delete on recovery_code to coucou_app`.execute(db);
}
