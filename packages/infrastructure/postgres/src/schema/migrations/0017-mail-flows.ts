import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** Names that were given up, and when somebody last changed theirs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table app_user add column username_changed_at timestamptz`.execute(db);
  await sql`
    -- Asked by whoever takes a username or an address (users.add, credentials.update…), by its key.
    create table held_name (
      account_id uuid not null,
      kind text not null check (kind in ('username', 'email')),
      key text not null,
      name text not null,
      user_id uuid not null,
      held_until timestamptz not null,
      security_version integer not null,
      primary key (account_id, kind, key),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`comment on column held_name.key is 'as of app_user: the name folded, or the address in one spelling'`.execute(db);
  await sql`comment on column held_name.security_version is 'of an address: the one that giving it up made; going back ends later holds'`.execute(
    db,
  );
  await sql`
    -- The holds of a person: those that going back to an earlier address ends, and all at an erasure.
    create index held_name_user on held_name (account_id, user_id, kind, key)`.execute(db);
  await sql`
    -- Forgetting: the holds that ended first.
    create index held_name_end on held_name (account_id, held_until) where held_until is not null`.execute(db);
  await forceIsolation(db, 'held_name');
  await sql`grant select, insert, update, delete on held_name to coucou_app`.execute(db);
}
