import { type Kysely, sql } from 'kysely';
import { createDefinerFunction } from './isolation.ts';

/** Entries that are looked at together: more than a page has. */
const FEW = 256;
/** Walks and questions to the index for one page. */
const STEPS = 32;
/** Up to so many conversations are named to the index. */
const SCOPE = 100;

/** Time is cut into blocks of 4 s, 16 of these make one of the next level, and so on: 64 s, 17 min, 4.6 h, 3 d, 49 d, 2 y, 34 y. */
const SECONDS = 4;
const LEVELS = 8;
const leafOf = (at: string): string => `floor(extract(epoch from ${at}) / ${SECONDS})::bigint`;
const markOf = (level: string, block: string): string => `uuid_hash_extended(account, (${block}) * ${LEVELS} + ${level})`;
const conversationMark = (id: string): string => `uuid_hash_extended(${id}, -1)`;

/**
 * What the index knows of an entry beside its terms: its conversation, and the block it lies in, of each level. Immutable, for no time zone
 * changes how many seconds have passed. Where two have one mark, an entry too many is looked at.
 */
const SEARCH_MARKS = `
create function search_marks(account uuid, conversation uuid, at timestamptz) returns bigint[] language sql immutable parallel safe
return array(select ${markOf('level', `${leafOf('at')} >> (4 * level)`)} from generate_series(0, ${LEVELS - 1}) level)
  || ${conversationMark('conversation')}`;
const MARKS = 'search_marks(s.account_id, s.conversation_id, s.created_at)';

const NOWHERE = `'00000000-0000-0000-0000-000000000000'`;
const NEWEST = 'order by s.created_at desc, s.conversation_id desc, s.seq desc';
/** What is left to be looked at, over all conversations and in one. */
const LEFT = '(s.created_at, s.conversation_id, s.seq) < (after_at, after_conversation, after_seq) and s.created_at > later';
const LEFT_WITHIN = 's.conversation_id = conversation and (s.created_at, s.seq) < (after_at, after_seq) and s.created_at > later';
/** What a walk comes by before it ends. */
const PASSED = `(s.created_at, s.conversation_id, s.seq) >= (coalesce(edge_at, '-infinity'), coalesce(edge_conversation, ${NOWHERE}), coalesce(edge_seq, 0))`;
const PASSED_WITHIN = `(s.created_at, s.seq) >= (coalesce(edge_at, '-infinity'), coalesce(edge_seq, 0))`;
/** Of these entries, the newest in which the terms stand literally and that the viewer may see. */
const seen = (entries: string): string => `
      select s.conversation_id, s.seq, s.created_at, false from (
        select s.* from (${entries} offset 0) s
        where s.terms @@ words and s.seq > (mine->>s.conversation_id::text)::bigint and s.sender_id <> all(strangers)
          and not exists (select from unnest(sought) t(x) where strpos(s.folded, t.x) = 0)
        ${NEWEST} offset 0
      ) s
      where not exists (select from hide h where h.account_id = account and h.user_id = viewer and h.conversation_id = s.conversation_id and h.seq = s.seq)
      ${NEWEST} limit most - given`;

/** One walk: where it ends (nowhere, if it comes to the oldest entry), and what it finds. */
const walk = (left: string, passed: string): string => `
        select s.created_at, s.conversation_id, s.seq into edge_at, edge_conversation, edge_seq from message_search s
          where s.account_id = account and ${left} ${NEWEST} offset ${FEW - 1} limit 1;
        return query ${seen(`select * from message_search s where s.account_id = account and ${left} and ${passed} ${NEWEST}`)};`;

/**
 * The newest messages that a viewer may see and that hold all of `words` (grams and marks of the entry) and, literally, all that is
 * `sought`. The newest entries are walked through. Before them the index of grams is asked, block of time by block of time: for longer
 * ones as long as they hold few candidates, for shorter ones when they hold many, so that no more are read than a page needs, however
 * they are spread. Where even the shortest block holds many, it is walked through. No index knows whether grams that are
 * common ever stand together, or which of a thousand conversations are the viewer's: after so many steps the page ends as it is, with a
 * row that says from where to go on.
 *
 * A walk reads the end of an index in its order: bitmaps, which would gather a whole history to sort it, are off, but for the
 * index of grams, which knows no other way.
 */
const SEARCH = `
create function search_messages(
  account uuid, viewer uuid, words tsquery, sought text[], conversation uuid, earlier timestamptz, later timestamptz,
  after_at timestamptz, after_conversation uuid, after_seq bigint, most integer
) returns table (conversation_id uuid, seq bigint, created_at timestamptz, unfinished boolean)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $function$
#variable_conflict use_column
declare
  mine jsonb; -- the viewer's conversations, each with the place after which they see it
  strangers uuid[];
  newest timestamptz;
  oldest timestamptz;
  edge_at timestamptz;
  edge_conversation uuid;
  edge_seq bigint;
  walking boolean := true;
  named boolean; -- whether the index is asked for these conversations alone, or there are too many for that
  below bigint; -- what is left lies before this shortest block, or in the one before it
  level integer;
  width integer := 16;
  last_block bigint;
  first_block bigint;
  blocks bigint[];
  conversations bigint[];
  places tid[];
  crowded bigint; -- from this shortest block to what has been looked at there are too many candidates
  added integer;
  given integer := 0;
begin
  -- The caller's word for the account is not enough: it is the one of the transaction, or nothing is found.
  if account is distinct from nullif(current_setting('app.account_id', true), '')::uuid then return; end if;
  select jsonb_object_agg(c.id, greatest(c.first_seq - 1, case when c.settings->>'history' = 'joined' then m.joined_seq else 0 end)),
      count(*) > ${SCOPE}, max(c.last_message_at)
    into mine, named, newest
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.account_id = account and m.user_id = viewer and m.left_at is null and c.deleted_at is null
      and (conversation is null or m.conversation_id = conversation);
  select coalesce(array_agg(b.id), '{}') into strangers from (
    select b.blocked_id as id from block b where b.account_id = account and b.blocker_id = viewer
    union all select b.blocker_id from block b where b.account_id = account and b.blocked_id = viewer
  ) b;
  if conversation is null then
    select s.created_at into oldest from message_search s
      where s.account_id = account and s.created_at is not null ${NEWEST.replaceAll(' desc', '')} limit 1;
  else
    select s.created_at into oldest from message_search s
      where s.account_id = account and s.conversation_id = conversation and s.seq > (mine->>conversation::text)::bigint order by s.seq limit 1;
  end if;
  if newest is null or oldest is null then return; end if;
  later := greatest(later, oldest - interval '1 millisecond');
  earlier := least(earlier, newest + interval '1 millisecond');
  if after_at is null or after_at >= earlier then
    after_at := earlier;
    after_conversation := ${NOWHERE};
    after_seq := 0;
  end if;

  for step in 1..${STEPS} loop
    perform set_config('enable_bitmapscan', case when walking then 'off' else 'on' end, true);
    if walking then
      if conversation is null then${walk(LEFT, PASSED)}
      else${walk(LEFT_WITHIN, PASSED_WITHIN)}
      end if;
      get diagnostics added = row_count;
      given := given + added;
      if edge_at is null or given >= most then return; end if;
      -- Where people talk much, a walk is short: a block as long as it was is a good measure to begin with.
      level := coalesce(level, least(${LEVELS - 1}, floor(log(16, greatest(${SECONDS}, extract(epoch from after_at - edge_at)) / ${SECONDS}))));
      after_at := edge_at;
      after_conversation := edge_conversation;
      after_seq := edge_seq;
      below := ${leafOf('after_at')} + 1;
      walking := false;
      crowded := null;
      continue;
    end if;

    last_block := (below - 1) >> (4 * level);
    first_block := greatest(last_block - width + 1, last_block & -16, ${leafOf('later')} >> (4 * level));
    blocks := array(select ${markOf('level', 'n')} from generate_series(first_block, last_block) n);
    select array_agg(s.ctid) into places from (
      select s.ctid from message_search s
      where s.terms @@ words and ${MARKS} && blocks and ${MARKS} && coalesce(conversations, blocks) limit ${FEW + 1}
    ) s;
    if cardinality(places) > ${FEW} then
      if not named then
        conversations := array(select ${conversationMark('id::uuid')} from jsonb_object_keys(mine) id);
        named := true;
        continue;
      end if;
      crowded := first_block << (4 * level);
    else
      return query ${seen(`select * from (select * from message_search s where s.ctid = any(places) offset 0) s where s.account_id = account and ${LEFT}`)};
      get diagnostics added = row_count;
      given := given + added;
      below := first_block << (4 * level);
      after_at := to_timestamp(below * ${SECONDS});
      after_conversation := ${NOWHERE};
      after_seq := 0;
      if after_at <= later or given >= most then return; end if;
      if places is not null or below <= crowded then crowded := null; end if;
      -- So many as should hold half as many candidates as may be, if they are spread as they were.
      width := greatest(1, (last_block - first_block + 1) * ${FEW / 2} / greatest(1, coalesce(cardinality(places), 0)));
      if width >= 16 and first_block & 15 = 0 and level < ${LEVELS - 1} then
        width := width / 16;
        level := level + 1;
      end if;
    end if;

    if crowded is not null then
      if (below - 1) >> (4 * level) = crowded >> (4 * level) then
        walking := level = 0;
        level := greatest(level - 1, 0);
      end if;
      width := greatest(1, (((below - 1) >> (4 * level)) - (crowded >> (4 * level)) + 1) / 2);
    end if;
  end loop;
  return query select after_conversation, after_seq, after_at, true;
end $function$`;

const SIGNATURE = 'search_messages(uuid, uuid, tsquery, text[], uuid, timestamptz, timestamptz, timestamptz, uuid, bigint, integer)';

/**
 * Every page of a search costs a bounded number of steps, whatever is sought. Blocks of time stand in the index alone, which follows from
 * the rows. The indexes of the newest entries have a condition for the same reason as those of 0011.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SEARCH_MARKS).execute(db);
  await sql`drop index message_search_terms, message_search_newest, message_search_conversation`.execute(db);
  // Serves search: whatever lies before the newest entries. Its list of what is not merged yet is read at every step: kept as short as
  // writing allows.
  await sql`create index message_search_terms on message_search using gin (terms, search_marks(account_id, conversation_id, created_at))
    with (gin_pending_list_limit = 256)`.execute(db);
  await sql`comment on column message_search.terms is
    'grams of the text; s<sender> and h<what it has>, which no gram can be'`.execute(db);
  // Serves search over all conversations: the newest entries.
  await sql`create index message_search_newest on message_search (account_id, created_at, conversation_id, seq)
    where created_at is not null`.execute(db);
  // Serves search in one conversation: its newest entries.
  await sql`create index message_search_conversation on message_search (account_id, conversation_id, created_at, seq)
    where created_at is not null`.execute(db);
  await sql`set local role coucou_search`.execute(db);
  await sql.raw(`drop function ${SIGNATURE}`).execute(db);
  await sql`reset role`.execute(db);
  await createDefinerFunction(db, 'coucou_search', SIGNATURE, SEARCH);
}
