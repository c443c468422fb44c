import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { PersonalData } from '@coucou/postgres/schema/personal-data';
import { functionFiles, type Migration, type SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key. Seats and storage are limits in force, for the triggers that keep them.
    create table billing_account (
      account_id uuid not null references account primary key,
      customer_id text,
      granted_plan text,
      plan text,
      standing text not null default 'none' check (standing in ('none', 'trialing', 'active', 'grace', 'ended')),
      seats bigint,
      storage_bytes bigint,
      version bigint not null default 0
    )`.execute(db);
  await sql`comment on column billing_account.version is 'counts the changes of the row'`.execute(db);

  await sql`
    -- Read all of an account at once: there are few.
    create table billing_subscription (
      account_id uuid not null references billing_account,
      id text not null,
      customer_id text not null,
      content jsonb,
      as_of timestamptz,
      origin text check (origin in ('created', 'changed', 'deleted')),
      event_id text,
      invoice_id text,
      invoice_created_at timestamptz,
      invoice_paid boolean,
      invoice_failed_at timestamptz,
      primary key (account_id, id),
      check ((content is null) = (as_of is null) and (content is null) = (origin is null) and (content is null) = (event_id is null)),
      check ((invoice_id is null) = (invoice_created_at is null) and (invoice_id is null) = (invoice_paid is null))
    )`.execute(db);
  await sql`comment on column billing_subscription.content is 'what it was at as_of'`.execute(db);

  await sql`
    -- What was taken in, so that it is once.
    create table billing_event (
      account_id uuid not null references billing_account,
      id text not null,
      type text not null,
      received_at timestamptz not null,
      primary key (account_id, id)
    )`.execute(db);
  await sql`
    -- What was kept for long enough (billing.upkeep).
    create index billing_event_age on billing_event (account_id, received_at)`.execute(db);

  await sql`
    -- What was counted of a month, up to a time.
    create table billing_meter (
      account_id uuid not null references account,
      month text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
      counted_until timestamptz not null,
      messages bigint not null,
      primary key (account_id, month)
    )`.execute(db);
  await sql`
    -- Who wrote in a month, among what was counted of it.
    create table billing_active (
      account_id uuid not null,
      month text not null,
      user_id uuid not null,
      primary key (account_id, month, user_id),
      foreign key (account_id, month) references billing_meter
    )`.execute(db);

  for (const table of ['billing_account', 'billing_subscription', 'billing_event', 'billing_meter', 'billing_active'])
    await forceIsolation(db, table);
  await sql`grant select, insert, update on billing_account, billing_subscription, billing_meter to coucou_app`.execute(db);
  await sql`grant select, insert, delete on billing_event to coucou_app`.execute(db);
  await sql`grant select, insert on billing_active to coucou_app`.execute(db);
}

/** Of the account. Who wrote in a month is an id, which leads to nobody once they are erased, and stays counted. */
const personalData: PersonalData = {
  billing_account: { plain: 'customer_id granted_plan plan standing seats storage_bytes version' },
  billing_subscription: {
    plain: 'id customer_id content as_of origin event_id invoice_id invoice_created_at invoice_paid invoice_failed_at',
  },
  billing_event: { plain: 'id type received_at' },
  billing_meter: { plain: 'month counted_until messages' },
  billing_active: { ids: 'user_id', plain: 'month' },
};

const createdTables: Migration = { up: createTables };

export const billingSchema: SchemaSet = {
  name: 'billing',
  migrations: { '0001-billing': createdTables },
  functions: functionFiles(import.meta.url, ['keep-seats', 'keep-storage']),
  personalData,
};
