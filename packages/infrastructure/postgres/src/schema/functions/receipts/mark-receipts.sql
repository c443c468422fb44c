-- Applies read and delivered marks of many users at once, in the account that is set: two statements, so that the second sees what
-- others committed while the first waited for its locks. A mark never goes back and never passes the newest message. `receipts_version`
-- grows once per conversation in which any mark moved; reading undoes "mark unread". Unread counts are recomputed from the new
-- mark: no own messages after it when there were none after the old one; near the end (2000 messages) for all at once; else whichever side is
-- shorter.
--
-- No bitmap scans: see append_messages. Its plans do not depend on what is in the batch: made for each connection's first five again, they would cost more than the batch.
--
-- `batch` is an array of objects, at most one for each conversation and user, with delivered_seq and, if they read, read_seq. Answers
-- the members among them: their marks, whether a mark moved, whether unread was recomputed, whether others may see what they
-- read (`shown`), and the members across a block from them (`across`).
create or replace function mark_receipts(batch json)
returns table (
  conversation_id uuid, user_id uuid, delivered_seq bigint, read_seq bigint, moved boolean, recounted boolean,
  receipts_version bigint, member_count integer, unread bigint, shown boolean, across uuid[]
)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $function$
#variable_conflict use_column
declare
  conversation_ids uuid[] := array(select distinct given.conversation_id from json_to_recordset(batch) as given(conversation_id uuid));
begin
  perform from (select id from unnest(conversation_ids) named(id) order by id) named
  cross join lateral (
    select from conversation_head x where x.conversation_id = named.id order by x.era desc limit 1 for no key update
  ) locked;

  return query
  with given as (
    select m.account_id, m.conversation_id, m.user_id, m.delivered_seq, m.read_seq, m.unread_base, m.own_since,
      read_mark(m.unread_from_seq, m.read_seq) as mark,
      h.place as head_place, m.place as member_place, h.last_seq, h.countable, h.receipts_version, c.member_count,
      greatest(m.read_seq, least(coalesce(g.read_seq, 0), h.last_seq)) as to_read,
      greatest(m.delivered_seq, least(greatest(coalesce(g.delivered_seq, 0), coalesce(g.read_seq, 0)), h.last_seq)) as to_delivered,
      g.read_seq is not null and coalesce(m.unread_from_seq <= least(g.read_seq, h.last_seq), false) as takes_back
    from json_to_recordset(batch) as g(conversation_id uuid, user_id uuid, delivered_seq bigint, read_seq bigint)
    -- Each by its key, whatever the planner makes of how many there are.
    cross join lateral (select * from conversation x where x.id = g.conversation_id limit 1) c
    cross join lateral (
      select x.*, x.ctid as place from conversation_head x
      where x.account_id = c.account_id and x.conversation_id = c.id order by x.era desc limit 1) h
    cross join lateral (
      select x.*, x.ctid as place from member x
      where x.account_id = c.account_id and x.conversation_id = c.id and x.user_id = g.user_id order by x.era desc limit 1) m
    where c.deleted_at is null and m.left_at is null
  ),
  -- Materialized: under row-level security only a bare comparison becomes a condition on an index; with the expressions of the marks
  -- inlined, each would read the conversation from its beginning.
  judged as materialized (
    select g.*, g.to_read > g.read_seq or g.to_delivered > g.delivered_seq as moves, g.to_read > g.read_seq or g.takes_back as recounts,
      g.to_read < g.mark or g.own_since > 0 as has_own, g.last_seq - g.to_read <= 2000 as is_near
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
    from (select n.account_id, n.conversation_id, min(n.to_read) as above from near n group by n.account_id, n.conversation_id) earliest
    join message x on x.account_id = earliest.account_id and x.conversation_id = earliest.conversation_id and x.seq > earliest.above
      and is_countable(x.type, x.thread_root_seq)
  ),
  passed as (
    select met.conversation_id, met.user_id, met.is_mark,
      count(*) filter (where not met.is_mark)
        over (partition by met.conversation_id, met.user_id order by met.seq desc, met.is_mark desc) as own
    from met
  ),
  counted as (
    select j.*,
      case when not j.recounts then j.unread_base when j.to_read = j.last_seq then j.countable
        else coalesce((
          select x.count_seq from message x where x.account_id = j.account_id and x.conversation_id = j.conversation_id and x.seq = j.to_read), 0)
      end as new_base,
      case when not j.recounts or not j.has_own then j.own_since
        when j.is_near then p.own
        when j.to_read >= j.mark and j.to_read - j.mark < j.last_seq - j.to_read
          then j.own_since - count_own(j.account_id, j.conversation_id, j.user_id, j.mark, j.to_read)
        else count_own(j.account_id, j.conversation_id, j.user_id, j.to_read, j.last_seq)
      end as new_own
    -- Full, though nobody passed without being judged: it is hashed, where the planner, that takes both for one row, would compare each with each.
    from judged j
    full join (select * from passed where is_mark) p on p.conversation_id = j.conversation_id and p.user_id = j.user_id
  ),
  discreet as (
    select array(
      select p.user_id from preference p
      where p.user_id = any(array(select c.user_id from counted c)) and p.settings->>'readReceipts' = 'false') as user_ids
  ),
  -- The two of a block know nothing of each other's marks. Once for each person whose marks moved, however many conversations they are in.
  blocks as materialized (
    select mover.user_id, b.user_id as other_id
    from (select distinct c.user_id from counted c where c.moves) mover cross join lateral blocked_with(mover.user_id) b
  ),
  head_advanced as (
    update conversation_head h set receipts_version = h.receipts_version + 1
    from (select distinct c.head_place from counted c where c.moves) moved
    where h.ctid = moved.head_place
  ),
  member_advanced as (
    update member m set
      read_seq = c.to_read,
      delivered_seq = c.to_delivered,
      unread_base = c.new_base,
      own_since = c.new_own,
      unread_from_seq = case when c.recounts then null else m.unread_from_seq end,
      receipts_at = case when c.moves then c.receipts_version + 1 else m.receipts_at end,
      mark_writes = m.mark_writes + 1
    from counted c
    where (c.moves or c.recounts) and m.ctid = c.member_place
  )
  select c.conversation_id, c.user_id, c.to_delivered, c.to_read, c.moves, c.recounts,
    c.receipts_version + case when bool_or(c.moves) over (partition by c.conversation_id) then 1 else 0 end,
    c.member_count, unread_messages(c.countable, c.new_base, c.new_own), c.user_id <> all(d.user_ids),
    array(
      select o.user_id from blocks b
      join member o
        on o.account_id = c.account_id and o.conversation_id = c.conversation_id and o.user_id = b.other_id and o.left_at is null
      where b.user_id = c.user_id)
  from counted c cross join discreet d;
end $function$;

revoke all on function mark_receipts(json) from public;
grant execute on function mark_receipts(json) to coucou_app;
