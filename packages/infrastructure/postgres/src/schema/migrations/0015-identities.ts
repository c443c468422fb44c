import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** What people sign in with at identity providers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- By its key: unlinking one.
    create table identity (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      issuer text not null,
      subject text not null,
      email text,
      created_at timestamptz not null,
      last_used_at timestamptz not null,
      primary key (account_id, id),
      -- Whom an identity stands for (exchangeOauth).
      unique (account_id, issuer, subject),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`comment on column identity.email is 'what the issuer said last; nobody is found by it'`.execute(db);
  await sql`
    -- The identities of a person (listIdentities), and their export.
    create index identity_by_user on identity (account_id, user_id, id)`.execute(db);
  await forceIsolation(db, 'identity');
  await sql`grant select, insert, update, delete on identity to coucou_app`.execute(db);
}
