import { forceIsolation } from '@coucou/postgres/schema/isolation';
import { cleared, type PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTable(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key, and all of an account at once: there are few.
    create table integration (
      account_id uuid not null references account,
      id uuid not null,
      name text not null,
      conversation_id uuid not null,
      user_id uuid,
      connector text not null check (connector in ('incomingWebhook', 'outgoingWebhook', 'email', 'telephonyNumber')),
      settings jsonb not null,
      sealed_credentials text,
      token_hash text,
      disabled_reason text check (disabled_reason in ('admin', 'person', 'conversation', 'gone')),
      disabled_at timestamptz,
      checked_at timestamptz,
      check_outcome text,
      check_detail text,
      failures integer not null,
      failing_since timestamptz,
      paused_until timestamptz,
      failed_at timestamptz,
      failure_outcome text,
      failure_detail text,
      delivered_at timestamptz,
      given_up integer not null,
      created_by uuid,
      created_at timestamptz not null,
      primary key (account_id, id),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, user_id) references app_user,
      check ((disabled_reason is null) = (disabled_at is null)),
      check ((token_hash is null) = (connector <> 'incomingWebhook'))
    )`.execute(db);
  await sql`comment on column integration.settings is 'of the connector, without its kind and without credentials'`.execute(db);
  await sql`
    -- Those of a conversation (integrations.message, integrations.conversationDeleted).
    create index integration_conversation on integration (account_id, conversation_id)`.execute(db);
  await sql`
    -- Those that post as a person: export and erasure.
    create index integration_person on integration (account_id, user_id, id) where user_id is not null`.execute(db);
  await forceIsolation(db, 'integration');
  await sql`grant select, insert, update, delete on integration to coucou_app`.execute(db);
}

/** Integrations are the account's and stay. Once somebody is erased, none posts as them, and so those that did are disabled. */
const personalData: PersonalData = {
  integration: {
    of: {
      user_id: {
        exported: { as: 'integrations', by: 'id' },
        erased: cleared({
          user_id: 'null',
          disabled_reason: `coalesce(disabled_reason, 'person')`,
          disabled_at: 'coalesce(disabled_at, clock_now())',
        }),
      },
    },
    personal: 'id name conversation_id connector created_at',
    ids: 'created_by',
    plain:
      'settings sealed_credentials token_hash disabled_reason disabled_at checked_at check_outcome check_detail failures failing_since paused_until failed_at failure_outcome failure_detail delivered_at given_up',
  },
};

const createdTable: Migration = { up: createTable };

export const integrationSchema: SchemaSet = {
  name: 'integrations',
  migrations: { '0001-integrations': createdTable },
  functions: [],
  personalData,
};
