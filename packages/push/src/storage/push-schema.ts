import { forceIsolation } from '@coucou/postgres/schema/isolation';
import { deleted, type PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table push_subscription (
      account_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      session_id uuid not null,
      service text not null check (service in ('web', 'apns', 'fcm')),
      address text not null,
      p256dh text,
      auth text,
      failures integer not null,
      failing_since timestamptz,
      paused_until timestamptz,
      claimed_until timestamptz,
      created_at timestamptz not null,
      foreign key (account_id, user_id) references app_user,
      check ((service = 'web') = (p256dh is not null) and (service = 'web') = (auth is not null))
    )`.execute(db);
  await sql`comment on column push_subscription.address is 'the endpoint of web, the token of apns and fcm'`.execute(db);
  await sql`
    -- The device that has an address already (push.subscribe). Of the digest, since an address may be too long for an index.
    create index push_subscription_address on push_subscription (account_id, md5(address)) where address is not null`.execute(db);
  await sql`
    -- Those of a device. Once its session has ended they are no subscriptions any more, and are removed within the hour.
    create index push_subscription_session on push_subscription (session_id, account_id) where session_id is not null`.execute(db);
  await sql`
    -- Those of a person: whom something is to be told (fan-out), push.list, export and erasure.
    create index push_subscription_user on push_subscription (user_id, account_id, id)`.execute(db);
  // The last of these indexes: before there are statistics the planner takes them for equally good, and chooses it.
  await sql`alter table push_subscription add primary key (account_id, id)`.execute(db);

  await sql`
    -- Read by the beginning of its key: what waits for one device.
    create table push_waiting (
      account_id uuid not null,
      subscription_id uuid not null,
      topic text not null,
      message_id uuid,
      notification_id uuid,
      due_at timestamptz not null,
      revision integer not null,
      created_at timestamptz not null,
      primary key (account_id, subscription_id, topic),
      foreign key (account_id, subscription_id) references push_subscription on delete cascade
    ) with (fillfactor = 70)`.execute(db);

  for (const table of ['push_subscription', 'push_waiting']) await forceIsolation(db, table);
  await sql`
    grant select, insert, delete, update (failures, failing_since, paused_until, claimed_until) on push_subscription to coucou_app`.execute(
    db,
  );
  await sql`
    grant select, insert, delete, update (message_id, notification_id, due_at, revision, created_at) on push_waiting to coucou_app`.execute(
    db,
  );
}

async function createDigests(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key, beside its person (push.digests).
    create table digest (
      account_id uuid not null,
      user_id uuid not null,
      next_at timestamptz not null,
      sent_at timestamptz,
      primary key (account_id, user_id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await forceIsolation(db, 'digest');
  await sql`grant select, insert, delete, update (next_at, sent_at) on digest to coucou_app`.execute(db);
}

/** What waits holds ids, as the outbox does, and goes within a day. */
const personalData: PersonalData = {
  push_subscription: {
    of: { user_id: { exported: { as: 'pushSubscriptions', by: 'id' }, erased: deleted() } },
    personal: 'id session_id service address created_at failing_since',
    plain: 'p256dh auth failures paused_until claimed_until',
  },
  digest: {
    of: { user_id: { exported: { as: 'digests', by: 'user_id' }, erased: deleted() } },
    personal: 'next_at sent_at',
  },
  push_waiting: { plain: 'subscription_id topic message_id notification_id due_at revision created_at' },
};

const createdTables: Migration = { up: createTables };
const createdDigests: Migration = { up: createDigests };

export const pushSchema: SchemaSet = {
  name: 'push',
  migrations: { '0001-push': createdTables, '0002-digests': createdDigests },
  functions: [],
  personalData,
};
