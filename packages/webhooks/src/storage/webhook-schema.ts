import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key, and all of an account at once: there are few.
    create table webhook (
      account_id uuid not null references account,
      id uuid not null,
      url text not null,
      description text,
      events text[] not null,
      ordered boolean not null,
      sealed_secret text not null,
      previous_sealed_secret text,
      previous_until timestamptz,
      disabled_reason text check (disabled_reason in ('admin', 'gone', 'failing')),
      disabled_at timestamptz,
      failures integer not null,
      failing_since timestamptz,
      paused_until timestamptz,
      created_by uuid,
      created_at timestamptz not null,
      deleted_at timestamptz,
      primary key (account_id, id),
      check ((disabled_reason is null) = (disabled_at is null)),
      check ((previous_sealed_secret is null) = (previous_until is null))
    )`.execute(db);

  await sql`
    -- Read by its key. Ids are of the event: one for all webhooks that it goes to.
    create table webhook_delivery (
      account_id uuid not null,
      webhook_id uuid not null,
      id uuid not null,
      event_id text not null,
      event text not null,
      conversation_id uuid,
      version bigint,
      data jsonb not null,
      state text not null check (state in ('pending', 'delivered', 'failed')),
      attempts integer not null,
      last_outcome text,
      last_status integer,
      next_at timestamptz not null,
      claim uuid,
      claimed_until timestamptz,
      created_at timestamptz not null,
      ended_at timestamptz,
      -- An event is taken out of the outbox once for each webhook.
      unique (account_id, event_id, webhook_id),
      foreign key (account_id, webhook_id) references webhook
    ) with (fillfactor = 70)`.execute(db);
  await sql`comment on column webhook_delivery.version is 'of the conversation at the event: its place in the order'`.execute(db);
  await sql`
    -- What is due (claims).
    create index webhook_delivery_due on webhook_delivery (account_id, webhook_id, next_at, id) where state = 'pending'`.execute(db);
  await sql`
    -- What comes first in a conversation (claims of webhooks with order).
    create index webhook_delivery_lane on webhook_delivery (account_id, webhook_id, conversation_id, version nulls first, id)
      where state = 'pending' and conversation_id is not null`.execute(db);
  await sql`
    -- What is under way (claims).
    create index webhook_delivery_claimed on webhook_delivery (account_id, webhook_id, claimed_until) where claim is not null`.execute(db);
  await sql`
    -- Those of one state (admin.listWebhookDeliveries, replays).
    create index webhook_delivery_state on webhook_delivery (state, account_id, webhook_id, id)`.execute(db);
  await sql`
    -- What has been kept for long enough (webhooks.upkeep).
    create index webhook_delivery_age on webhook_delivery (created_at, account_id)`.execute(db);

  // The last of these indexes: before there are statistics the planner takes them for equally good, and chooses it.
  await sql`alter table webhook_delivery add primary key (account_id, webhook_id, id)`.execute(db);

  await sql`
    -- The log of a delivery, by the beginning of its key.
    create table webhook_attempt (
      account_id uuid not null,
      webhook_id uuid not null,
      delivery_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      duration_ms integer not null,
      url text not null,
      bytes integer not null,
      digest text not null,
      outcome text not null,
      status integer,
      answer text,
      primary key (account_id, webhook_id, delivery_id, id),
      foreign key (account_id, webhook_id, delivery_id) references webhook_delivery on delete cascade
    )`.execute(db);

  for (const table of ['webhook', 'webhook_delivery', 'webhook_attempt']) await forceIsolation(db, table);
  await sql`grant select, insert, update, delete on webhook to coucou_app`.execute(db);
  await sql`
    grant select, insert, delete,
      update (state, attempts, last_outcome, last_status, next_at, claim, claimed_until, ended_at) on webhook_delivery to coucou_app`.execute(
    db,
  );
  await sql`grant select, insert on webhook_attempt to coucou_app`.execute(db);
}

/** Of the account. Deliveries hold ids, as the outbox does, and go after some days. */
const personalData: PersonalData = {
  webhook: {
    ids: 'created_by',
    plain:
      'id url description events ordered sealed_secret previous_sealed_secret previous_until disabled_reason disabled_at failures failing_since paused_until created_at deleted_at',
  },
  webhook_delivery: {
    plain:
      'webhook_id id event_id event conversation_id version data state attempts last_outcome last_status next_at claim claimed_until created_at ended_at',
  },
  webhook_attempt: { plain: 'webhook_id delivery_id id at duration_ms url bytes digest outcome status answer' },
};

const createdTables: Migration = { up: createTables };

export const webhookSchema: SchemaSet = {
  name: 'webhooks',
  migrations: { '0001-webhooks': createdTables },
  functions: [],
  personalData,
};
