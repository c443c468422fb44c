import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/** What people are to each other. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by blocked_with and by the relations of two people, by its key.
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
  await sql`
    -- The users somebody blocked, newest first (block-list).
    create index block_newest on block (account_id, blocker_id, created_at desc, blocked_id desc)`.execute(db);
  await sql`
    -- blocked_with, the other way: who blocked somebody.
    create index block_of on block (account_id, blocked_id, blocker_id)`.execute(db);

  await sql`
    -- Whether two people are friends, by its key: a pair in the order of its ids.
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
  await sql`
    -- The friends of the lower of the two, newest first (friend-list).
    create index friendship_lower on friendship (account_id, lower_id, since desc, higher_id desc)`.execute(db);
  await sql`
    -- The friends of the higher of the two, newest first (friend-list).
    create index friendship_higher on friendship (account_id, higher_id, since desc, lower_id desc)`.execute(db);

  await sql`
    -- A request that is answered, by its key.
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
  await sql`
    -- The pending request between two people, in either direction, of which there is one at most.
    create unique index friend_request_pending on friend_request
      (account_id, least(from_id, to_id), greatest(from_id, to_id)) where status = 'pending'`.execute(db);
  await sql`
    -- The wait before somebody who was rejected may ask again.
    create index friend_request_rejected on friend_request (account_id, from_id, to_id, responded_at desc)
      where status = 'rejected'`.execute(db);
  await sql`
    -- Sent requests, newest first (friend-requests-outgoing), and how many are pending.
    create index friend_request_from on friend_request (account_id, from_id, status, created_at desc, id desc)`.execute(db);
  await sql`
    -- Received requests, newest first (friend-requests-incoming).
    create index friend_request_to on friend_request (account_id, to_id, status, created_at desc, id desc)`.execute(db);

  for (const table of ['block', 'friendship', 'friend_request']) await forceIsolation(db, table);
  await sql`grant select, insert, delete on block, friendship to coucou_app`.execute(db);
  await sql`grant select, insert, update on friend_request to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_search', { block: 'select' });
}
