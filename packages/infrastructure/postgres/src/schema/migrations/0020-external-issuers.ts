import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Issuers outside this server whose tokens an account takes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- By its key, and whole: an account has a few (listIssuers).
    create table external_issuer (
      account_id uuid not null references account,
      id uuid not null,
      issuer text not null,
      jwks_url text,
      audiences text[] not null,
      algorithms text[] not null,
      claims jsonb not null,
      sign_up boolean not null,
      max_token_seconds integer not null,
      rank text not null check (rank in ('owner', 'admin')),
      version integer not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (account_id, id),
      -- Whose token it is (exchangeToken).
      unique (account_id, issuer)
    )`.execute(db);
  await sql`comment on column external_issuer.rank is 'by whose right it stands, and so whom it signs in: an admin''s nobody who administers'`.execute(
    db,
  );
  await forceIsolation(db, 'external_issuer');
  await sql`grant select, insert, update, delete on external_issuer to coucou_app`.execute(db);
}
