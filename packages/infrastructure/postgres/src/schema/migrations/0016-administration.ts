import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** API keys, people that are known by another system's id, and signing keys that follow one another. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read for every call by an API key, by its key: the key names its account and itself.
    create table api_key (
      account_id uuid not null references account,
      id uuid not null,
      name text not null,
      scopes text[] not null,
      secret_hash text not null,
      previous_hash text,
      previous_until timestamptz,
      created_by uuid,
      created_at timestamptz not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, created_by) references app_user
    )`.execute(db);
  await sql`comment on column api_key.previous_hash is 'the secret before the last rotation, good until previous_until'`.execute(db);
  await forceIsolation(db, 'api_key');
  await sql`grant select, insert, update on api_key to coucou_app`.execute(db);

  await sql`
    alter table app_user add column external_id text`.execute(db);
  await sql`comment on column app_user.external_id is 'the id of this person at the account''s own system, for minted tokens and imports'`.execute(
    db,
  );
  await sql`
    -- Minted tokens and imports: the person of an external id; keeps external ids unique.
    create unique index app_user_external_id on app_user (account_id, external_id) where external_id is not null`.execute(db);
  await sql`
    -- The last owner rule (lockOwners), and the first start: the few who administer.
    create index app_user_administrators on app_user (account_id, role, id) where role in ('owner', 'admin')`.execute(db);

  await sql`
    -- Of several nodes that rotate at once, one adds the key of the next generation.
    alter table signing_key
      add column generation integer,
      add column signs_from timestamptz`.execute(db);
  await sql`update signing_key set generation = 1, signs_from = created_at`.execute(db);
  await sql`
    alter table signing_key
      alter column generation set not null,
      alter column signs_from set not null,
      add constraint signing_key_generation unique (generation),
      drop column first`.execute(db);
  await sql`comment on column signing_key.signs_from is 'published before, so that verifiers elsewhere have it when it signs'`.execute(db);
  await sql`grant delete on signing_key to coucou_system`.execute(db);
}
