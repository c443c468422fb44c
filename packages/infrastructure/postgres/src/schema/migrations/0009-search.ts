import { type Kysely, sql } from 'kysely';
import { createDefinerFunction, forceIsolation, grantDefiner } from './isolation.ts';

/** What a search walks through, newest first, before it turns to the index of grams. */
const WALK = 500;
/** Up to so many conversations are named to the index; those who are in more are served by their account's entries. */
const SCOPE = 100;

const KEY = '(s.created_at, s.conversation_id, s.seq)';
/** What the index cannot decide: the terms stand there literally, and the viewer may see the message. */
const SEEN = `
    not exists (select from unnest(sought) t(x) where strpos(s.folded, t.x) = 0)
    and s.sender_id <> all(strangers)
    and not exists (select from hide h where h.account_id = account and h.user_id = viewer and h.conversation_id = s.conversation_id and h.seq = s.seq)`;
const MINE = `join unnest(mine, floors) k(id, floor) on k.id = s.conversation_id and s.seq > k.floor`;
const NEWEST = 'order by s.created_at desc, s.conversation_id desc, s.seq desc';

/**
 * The newest messages that a viewer may see and that hold all of `words` (grams and marks of the entry) and, literally, all that is `sought`. In
 * two steps, so that neither a common word nor a rare one costs more than it finds: the newest entries are walked through; only
 * what lies before them is asked of the index, which then holds few. The second step may use no other index, whatever the planner makes
 * of words that it has no statistics of. The walk
 * reads the end of an index in its order: bitmaps, which would gather a whole history to sort it, are off until the index of grams is
 * asked, which knows no other way.
 */
export const SEARCH = `
create function search_messages(
  account uuid, viewer uuid, words tsquery, sought text[], conversation uuid, earlier timestamptz, later timestamptz,
  after_at timestamptz, after_conversation uuid, after_seq bigint, most integer
) returns table (conversation_id uuid, seq bigint, created_at timestamptz)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
#variable_conflict use_column
declare
  mine uuid[];
  floors bigint[];
  strangers uuid[];
  edge_at timestamptz;
  edge_conversation uuid;
  edge_seq bigint;
  given integer;
begin
  -- The caller's word for the account is not enough: it is the one of the transaction, or nothing is found.
  if account is distinct from nullif(current_setting('app.account_id', true), '')::uuid then return; end if;
  select array_agg(c.id), array_agg(greatest(c.first_seq - 1, case when c.settings->>'history' = 'joined' then m.joined_seq else 0 end))
    into mine, floors
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.account_id = account and m.user_id = viewer and m.left_at is null and c.deleted_at is null
      and (conversation is null or m.conversation_id = conversation);
  if mine is null then return; end if;
  select coalesce(array_agg(b.id), '{}') into strangers from (
    select b.blocked_id as id from block b where b.account_id = account and b.blocker_id = viewer
    union all select b.blocker_id from block b where b.account_id = account and b.blocked_id = viewer
  ) b;
  later := coalesce(later, '-infinity');
  if after_at is null or after_at >= earlier then
    after_at := coalesce(earlier, 'infinity');
    after_conversation := '00000000-0000-0000-0000-000000000000';
    after_seq := 0;
  end if;

  if conversation is null then
    select s.created_at, s.conversation_id, s.seq into edge_at, edge_conversation, edge_seq from message_search s
      where s.account_id = account and ${KEY} < (after_at, after_conversation, after_seq) and s.created_at > later
      ${NEWEST} offset ${WALK - 1} limit 1;
    return query select s.conversation_id, s.seq, s.created_at from (
        select * from message_search s
        where s.account_id = account and ${KEY} < (after_at, after_conversation, after_seq) and s.created_at > later
          and ${KEY} >= (coalesce(edge_at, '-infinity'), coalesce(edge_conversation, '00000000-0000-0000-0000-000000000000'), coalesce(edge_seq, 0))
        ${NEWEST} offset 0
      ) s ${MINE}
      where s.terms @@ words and ${SEEN}
      ${NEWEST} limit most;
  else
    select s.created_at, s.conversation_id, s.seq into edge_at, edge_conversation, edge_seq from message_search s
      where s.account_id = account and s.conversation_id = conversation and (s.created_at, s.seq) < (after_at, after_seq) and s.created_at > later
      order by s.created_at desc, s.seq desc offset ${WALK - 1} limit 1;
    return query select s.conversation_id, s.seq, s.created_at from (
        select * from message_search s
        where s.account_id = account and s.conversation_id = conversation and (s.created_at, s.seq) < (after_at, after_seq) and s.created_at > later
          and (s.created_at, s.seq) >= (coalesce(edge_at, '-infinity'), coalesce(edge_seq, 0))
        order by s.created_at desc, s.seq desc offset 0
      ) s ${MINE}
      where s.terms @@ words and ${SEEN}
      order by s.created_at desc, s.seq desc limit most;
  end if;
  get diagnostics given = row_count;
  if edge_at is null or given >= most then return; end if;

  perform set_config('enable_bitmapscan', 'on', true);
  words := words && case when cardinality(mine) <= ${SCOPE}
    then (select string_agg(format('''c%s''', replace(id::text, '-', '')), ' | ') from unnest(mine) u(id))::tsquery
    else format('''a%s''', replace(account::text, '-', ''))::tsquery end;
  return query
    with s as materialized (
      select s.account_id, s.conversation_id, s.seq, s.created_at from message_search s
      where s.terms @@ words and s.created_at + interval '0' <= edge_at and s.created_at + interval '0' > later and ${SEEN}
    )
    select s.conversation_id, s.seq, s.created_at from s ${MINE}
    where s.account_id = account and ${KEY} < (edge_at, edge_conversation, edge_seq)
    ${NEWEST} limit most - given;
end $function$`;

/**
 * Entries of the search among messages. They are written behind the send by a subscriber; a trigger takes an entry away in the very
 * transaction that edits or deletes its message, whichever code does so.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table message_search (
      account_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      sender_id uuid not null,
      created_at timestamptz not null,
      folded text not null,
      terms tsvector not null,
      primary key (account_id, conversation_id, seq),
      foreign key (account_id, conversation_id, seq) references message on delete cascade
    )`.execute(db);
  await sql`comment on column message_search.terms is
    'grams of the text; c<conversation>, a<account>, s<sender> and h<what it has>, which no gram can be'`.execute(db);
  // Serves search: whatever lies before the newest entries. Its list of what is not merged yet is read by every search: kept short.
  await sql`create index message_search_terms on message_search using gin (terms) with (gin_pending_list_limit = 256)`.execute(db);
  // Serves search over all conversations: the newest entries.
  await sql`create index message_search_newest on message_search (account_id, created_at, conversation_id, seq)`.execute(db);
  // Serves search in one conversation: its newest entries.
  await sql`create index message_search_conversation on message_search (account_id, conversation_id, created_at, seq)`.execute(db);
  await forceIsolation(db, 'message_search');
  await sql`grant select, insert, delete on message_search to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_search', { message_search: 'select', member: 'select', conversation: 'select', hide: 'select' });

  await sql`
    create function forget_message_search() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $function$
    begin
      delete from message_search where account_id = old.account_id and conversation_id = old.conversation_id and seq = old.seq;
      return null;
    end $function$`.execute(db);
  await sql`
    create trigger message_search_stale after update of content, deleted_at on message for each row
    when (old.content is distinct from new.content or (old.deleted_at is null and new.deleted_at is not null))
    execute function forget_message_search()`.execute(db);
  await createDefinerFunction(
    db,
    'coucou_search',
    'search_messages(uuid, uuid, tsquery, text[], uuid, timestamptz, timestamptz, timestamptz, uuid, bigint, integer)',
    SEARCH,
  );
}
