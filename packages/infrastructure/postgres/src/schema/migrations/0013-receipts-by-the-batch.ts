import { type Kysely, sql } from 'kysely';

/** So many messages are read one after the other, rather than looked up. */
const NEAR = 2_000;

/**
 * A person's countable messages above one place and up to another. Where that is far, through the index of what each sender sent once:
 * then it costs as much as they ever wrote there, and not half of a long history. `+ 0` keeps the places from being what is looked up by.
 */
const COUNT_OWN = `
create function count_own(account uuid, conversation uuid, person uuid, above bigint, upto bigint)
returns bigint
language plpgsql stable
as $function$
begin
  if upto - above <= ${NEAR} then
    return (
      select count(*) from message x where x.account_id = account and x.conversation_id = conversation
        and x.seq > above and x.seq <= upto and x.sender_id = person and x.type <> 'system' and x.thread_root_seq is null);
  end if;
  return (
    select count(*) from message x where x.account_id = account and x.conversation_id = conversation
      and x.sender_id = person and x.client_message_id is not null
      and x.seq + 0 > above and x.seq + 0 <= upto and x.type <> 'system' and x.thread_root_seq is null);
end $function$`;

/**
 * Takes in read and delivered marks of many people at once, in the account that is set: two statements, so that the second sees what
 * others committed while the first waited for its locks. A mark never goes back and never passes the newest message. `receipts_version`
 * grows once per conversation in which any mark moved; reading takes back "mark unread". What is unread is counted anew from the new
 * mark: nothing of one's own while there is none after the old one; near the end for all at once; else whichever side is shorter.
 *
 * Its plans do not depend on what is in the batch: made for each connection's first five again, they would cost more than the batch.
 *
 * `batch` rows: c conversation, u user, d delivered, r read; at most one for each conversation and user. Answers those who are members.
 */
const MARK_RECEIPTS = `
create or replace function mark_receipts(batch json)
returns table (
  conversation_id uuid, user_id uuid, delivered_seq bigint, read_seq bigint, moved boolean, recounted boolean,
  receipts_version bigint, member_count integer, unread bigint, shown boolean, across uuid[]
)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $function$
#variable_conflict use_column
declare
  named uuid[] := array(select distinct r.c from json_to_recordset(batch) as r(c uuid));
begin
  perform from conversation cv where cv.id = any(named) order by cv.id for no key update;

  return query
  with given as (
    select m.account_id, m.conversation_id, m.user_id, m.delivered_seq, m.read_seq, m.unread_base, m.own_since,
      coalesce(m.unread_from_seq - 1, m.read_seq) as mark,
      cv.last_seq, cv.countable, cv.receipts_version, cv.member_count,
      greatest(m.read_seq, least(coalesce(i.r, 0), cv.last_seq)) as to_read,
      greatest(m.delivered_seq, least(greatest(coalesce(i.d, 0), coalesce(i.r, 0)), cv.last_seq)) as to_delivered,
      i.r is not null and coalesce(m.unread_from_seq <= least(i.r, cv.last_seq), false) as takes_back
    from json_to_recordset(batch) as i(c uuid, u uuid, d bigint, r bigint)
    -- Each by its key, whatever the planner makes of how many there are.
    cross join lateral (select * from conversation o where o.id = i.c limit 1) cv
    cross join lateral (select * from member o where o.account_id = cv.account_id and o.conversation_id = cv.id and o.user_id = i.u limit 1) m
    where cv.deleted_at is null and m.left_at is null
  ),
  -- Materialized: under row-level security only a bare comparison becomes a condition on an index; with the expressions of the marks
  -- inlined, each would read the conversation from its beginning.
  judged as materialized (
    select g.*, g.to_read > g.read_seq or g.to_delivered > g.delivered_seq as moves, g.to_read > g.read_seq or g.takes_back as recounts,
      g.to_read < g.mark or g.own_since > 0 as has_own, g.last_seq - g.to_read <= ${NEAR} as is_near
    from given g
  ),
  -- What lies after the earliest of the marks near the end is read once for all of them, each counting its own on the way.
  near as (
    select j.account_id, j.conversation_id, j.user_id, j.to_read from judged j where j.recounts and j.has_own and j.is_near
  ),
  met as (
    select n.conversation_id, n.user_id, n.to_read as seq, true as is_mark from near n
    union all
    select x.conversation_id, x.sender_id, x.seq, false
    from (select n.account_id, n.conversation_id, min(n.to_read) as above from near n group by n.account_id, n.conversation_id) t
    join message x on x.account_id = t.account_id and x.conversation_id = t.conversation_id and x.seq > t.above
      and x.type <> 'system' and x.thread_root_seq is null
  ),
  passed as (
    select e.conversation_id, e.user_id, e.is_mark,
      count(*) filter (where not e.is_mark) over (partition by e.conversation_id, e.user_id order by e.seq desc, e.is_mark desc) as own
    from met e
  ),
  counted as (
    select j.*,
      case when not j.recounts then j.unread_base when j.to_read = j.last_seq then j.countable
        else coalesce((
          select x.count_seq from message x where x.account_id = j.account_id and x.conversation_id = j.conversation_id and x.seq = j.to_read), 0)
      end as base,
      case when not j.recounts or not j.has_own then j.own_since
        when j.is_near then p.own
        when j.to_read >= j.mark and j.to_read - j.mark < j.last_seq - j.to_read
          then j.own_since - count_own(j.account_id, j.conversation_id, j.user_id, j.mark, j.to_read)
        else count_own(j.account_id, j.conversation_id, j.user_id, j.to_read, j.last_seq)
      end as own
    -- Full, though nobody passed without being judged: it is hashed, where the planner, that takes both for one row, would compare each with each.
    from judged j
    full join (select * from passed where is_mark) p on p.conversation_id = j.conversation_id and p.user_id = j.user_id
  ),
  discreet as (
    select array(
      select p.user_id from preference p
      where p.user_id = any(array(select c.user_id from counted c)) and p.settings->>'readReceipts' = 'false') as users
  ),
  -- Between whom of these and whom there is a block: the two know nothing of each other's marks.
  parted as materialized (
    select b.blocker_id as user_id, b.blocked_id as other from block b where b.blocker_id = any(array(select c.user_id from counted c where c.moves))
    union all
    select b.blocked_id, b.blocker_id from block b where b.blocked_id = any(array(select c.user_id from counted c where c.moves))
  ),
  bump as (
    update conversation cv set receipts_version = cv.receipts_version + 1
    from (select distinct c.account_id, c.conversation_id from counted c where c.moves) t
    where cv.account_id = t.account_id and cv.id = t.conversation_id
  ),
  mark as (
    update member m set
      read_seq = c.to_read,
      delivered_seq = c.to_delivered,
      unread_base = c.base,
      own_since = c.own,
      unread_from_seq = case when c.recounts then null else m.unread_from_seq end,
      receipts_at = case when c.moves then c.receipts_version + 1 else m.receipts_at end
    from counted c
    where (c.moves or c.recounts) and m.account_id = c.account_id and m.conversation_id = c.conversation_id and m.user_id = c.user_id
  )
  select c.conversation_id, c.user_id, c.to_delivered, c.to_read, c.moves, c.recounts,
    c.receipts_version + case when bool_or(c.moves) over (partition by c.conversation_id) then 1 else 0 end,
    c.member_count, c.countable - c.base - c.own, c.user_id <> all(d.users),
    array(
      select o.user_id from parted p
      join member o on o.account_id = c.account_id and o.conversation_id = c.conversation_id and o.user_id = p.other and o.left_at is null
      where p.user_id = c.user_id)
  from counted c cross join discreet d;
end $function$`;

/** Marks are counted in time that does not grow with the history, and where somebody was named is found without asking for each member. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(COUNT_OWN).execute(db);
  await sql`revoke all on function count_own(uuid, uuid, uuid, bigint, bigint) from public`.execute(db);
  await sql`grant execute on function count_own(uuid, uuid, uuid, bigint, bigint) to coucou_app`.execute(db);
  await sql.raw(MARK_RECEIPTS).execute(db);

  // Serves the totals: whether anybody was named since a mark, once for all who share a conversation.
  await sql`create index message_naming on message (account_id, conversation_id, seq) where mention_all or mentions <> '{}'`.execute(db);
}
