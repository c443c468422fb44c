import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { Check, Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';
import { pollPersonalData } from './poll-personal-data.ts';

async function createTables(db: Kysely<unknown>): Promise<void> {
  // No foreign key to the message: the row is there before it, and both go by the message's id.
  await sql`
    -- Read by its key: whenever somebody votes, closes a poll or looks at one.
    create table poll (
      account_id uuid not null,
      id uuid not null,
      conversation_id uuid not null,
      created_by uuid not null,
      question text not null,
      options jsonb not null,
      multiple boolean not null,
      anonymous boolean not null,
      closes_at timestamptz,
      closed_at timestamptz,
      primary key (account_id, id),
      foreign key (account_id, conversation_id) references conversation,
      foreign key (account_id, created_by) references app_user
    ) with (fillfactor = 70)`.execute(db);
  await sql`comment on column poll.options is 'id, text and number of votes of each, in order'`.execute(db);

  await sql`
    -- What one person chose, by the beginning of the key. Of anonymous polls too, since one has one vote; no operation answers those.
    create table poll_vote (
      account_id uuid not null,
      poll_id uuid not null,
      user_id uuid not null,
      option_id text not null,
      primary key (account_id, poll_id, user_id, option_id),
      foreign key (account_id, poll_id) references poll on delete cascade,
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`
    -- Who voted for an option (polls.voters).
    create index poll_vote_option on poll_vote (account_id, poll_id, option_id, user_id)`.execute(db);

  for (const table of ['poll', 'poll_vote']) await forceIsolation(db, table);
  await sql`grant select, insert, update (options, closed_at), delete on poll to coucou_app`.execute(db);
  await sql`grant select, insert, delete on poll_vote to coucou_app`.execute(db);
}

/** What exports of what somebody made and chose go by. */
async function indexPeople(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The export of somebody's polls.
    create index poll_creator on poll (account_id, created_by, id)`.execute(db);
  await sql`
    -- The export of somebody's votes.
    create index poll_vote_person on poll_vote (account_id, user_id, poll_id, option_id)`.execute(db);
}

const createdTables: Migration = { up: createTables };
const indexedPeople: Migration = { up: indexPeople };

const checks: readonly Check[] = [
  {
    name: 'poll-votes',
    proves: 'each option of a poll counts its votes',
    faults: `
      select p.account_id, 'poll ' || p.id || ' counts ' || (o->>'votes') || ' votes for ' || (o->>'id') || ', and there are ' || v.votes as what
      from poll p cross join lateral jsonb_array_elements(p.options) o
      cross join lateral (
        select count(*) as votes from poll_vote x where x.account_id = p.account_id and x.poll_id = p.id and x.option_id = o->>'id'
      ) v where (o->>'votes')::numeric <> v.votes`,
  },
];

export const pollSchema: SchemaSet = {
  name: 'polls',
  migrations: { '0001-polls': createdTables, '0002-people': indexedPeople },
  functions: [],
  personalData: pollPersonalData,
  checks,
};
