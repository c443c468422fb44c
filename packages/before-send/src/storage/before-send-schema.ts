import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTable(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One of an account, read by its key.
    create table before_send_hook (
      account_id uuid primary key references account,
      url text not null,
      timeout_ms integer not null,
      on_failure text not null check (on_failure in ('accept', 'refuse')),
      conversation_types text[] not null,
      enabled boolean not null,
      sealed_secret text not null,
      previous_sealed_secret text,
      previous_until timestamptz,
      created_by uuid,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      check ((previous_sealed_secret is null) = (previous_until is null))
    )`.execute(db);
  await forceIsolation(db, 'before_send_hook');
  await sql`grant select, insert, update, delete on before_send_hook to coucou_app`.execute(db);
}

/** A hook is the account's, and nobody's own. */
const personalData: PersonalData = {
  before_send_hook: {
    ids: 'created_by',
    plain: 'url timeout_ms on_failure conversation_types enabled sealed_secret previous_sealed_secret previous_until created_at changed_at',
  },
};

const createdTable: Migration = { up: createTable };

export const beforeSendSchema: SchemaSet = {
  name: 'before_send',
  migrations: { '0001-before-send': createdTable },
  functions: [],
  personalData,
};
