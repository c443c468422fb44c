import { type Kysely, sql } from 'kysely';
import { forceIsolation } from './isolation.ts';

/** Friends, requests, blocks and preferences. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table block (
      account_id uuid not null,
      blocker_id uuid not null,
      blocked_id uuid not null,
      created_at timestamptz not null,
      primary key (account_id, blocker_id, blocked_id),
      foreign key (account_id, blocker_id) references app_user,
      foreign key (account_id, blocked_id) references app_user,
      check (blocker_id <> blocked_id)
    )`.execute(db);
  // Serves the list of whom one blocked, the newest first.
  await sql`create index block_newest on block (account_id, blocker_id, created_at desc, blocked_id desc)`.execute(db);
  // Serves the question who blocked somebody: every rule about two people asks in both directions.
  await sql`create index block_of on block (account_id, blocked_id, blocker_id)`.execute(db);

  await sql`
    create table friendship (
      account_id uuid not null,
      lower_id uuid not null,
      higher_id uuid not null,
      since timestamptz not null,
      primary key (account_id, lower_id, higher_id),
      foreign key (account_id, lower_id) references app_user,
      foreign key (account_id, higher_id) references app_user,
      check (lower_id < higher_id)
    )`.execute(db);
  // Serve the list of friends, the newest first, from both sides of the pair.
  await sql`create index friendship_lower on friendship (account_id, lower_id, since desc, higher_id desc)`.execute(db);
  await sql`create index friendship_higher on friendship (account_id, higher_id, since desc, lower_id desc)`.execute(db);

  await sql`
    create table friend_request (
      account_id uuid not null,
      id uuid not null,
      from_id uuid not null,
      to_id uuid not null,
      status text not null check (status in ('pending', 'accepted', 'rejected', 'cancelled')),
      created_at timestamptz not null,
      responded_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, from_id) references app_user,
      foreign key (account_id, to_id) references app_user,
      check (from_id <> to_id)
    )`.execute(db);
  // At most one request is pending between two people, whoever asked.
  await sql`create unique index friend_request_pending on friend_request
    (account_id, least(from_id, to_id), greatest(from_id, to_id)) where status = 'pending'`.execute(db);
  // Serves the wait before somebody who was declined may ask again.
  await sql`create index friend_request_rejected on friend_request (account_id, from_id, to_id, responded_at desc)
    where status = 'rejected'`.execute(db);
  // Serve the lists of requests in both directions, newest first.
  await sql`create index friend_request_from on friend_request (account_id, from_id, status, created_at desc, id desc)`.execute(db);
  await sql`create index friend_request_to on friend_request (account_id, to_id, status, created_at desc, id desc)`.execute(db);

  await sql`
    create table preference (
      account_id uuid not null,
      user_id uuid not null,
      settings jsonb not null,
      updated_at timestamptz not null default clock_timestamp(),
      primary key (account_id, user_id),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);

  for (const table of ['block', 'friendship', 'friend_request', 'preference']) await forceIsolation(db, table);
  await sql`grant select, insert, delete on block, friendship to coucou_app`.execute(db);
  await sql`grant select, insert, update on friend_request, preference to coucou_app`.execute(db);
}
