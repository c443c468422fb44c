-- The newest messages that a viewer may see and that hold all of `words` (grams and marks of the entry) and, literally, all that is
-- `sought`. The newest entries are walked through. Before them the index of grams is asked, block of time by block of time: for longer
-- ones as long as they hold few candidates, for shorter ones when they hold many, so that no more are read than a page needs, however
-- they are spread. Where even the shortest block holds many, it is walked through. No index knows whether grams that are
-- common ever stand together: after so many steps the page ends as it is, with a row (`unfinished`) that says before which moment to go
-- on. The index is asked for the viewer's conversations alone, however many: else a page that ends early would tell that strangers use a
-- word. A moment and no row, since what was walked over may be of a conversation that
-- the viewer is not in; so a walk takes all entries of the moment that it ends with.
--
-- A walk reads the end of an index in its order: bitmaps, which would gather a whole history to sort it, are off, but for the
-- index of grams, which knows no other way.
--
-- Numbers, written out where they stand so that the planner knows them: 256 entries are looked at together, more than a page has, and
-- those of the same moment as the last;
-- a page takes at most 32 walks and questions to the index.
-- Blocks of time, their 8 levels and their marks: migrations/0011-message-search.ts.

grant create on schema public to coucou_search;
set local role coucou_search;

create or replace function search_messages(
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
  nowhere constant uuid := '00000000-0000-0000-0000-000000000000';
  mine jsonb; -- the viewer's conversations, each with the seq above which they see it
  blocked uuid[];
  newest timestamptz;
  oldest timestamptz;
  -- The moment with which a walk ends; null, if it comes to the oldest entry.
  edge_at timestamptz;
  walking boolean := true;
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
  -- Row by row, by key: by its statistics the planner may think that reading all conversations of the account costs less.
  select jsonb_object_agg(c.id, history_floor(c.first_seq, c.settings, m.joined_seq)), max(h.active_at)
    into mine, newest
    from member m
    cross join lateral (select * from conversation o where o.account_id = m.account_id and o.id = m.conversation_id limit 1) c
    cross join lateral (
      select * from conversation_head o where o.account_id = m.account_id and o.conversation_id = m.conversation_id
      order by o.era desc limit 1) h
    where m.account_id = account and m.user_id = viewer and m.left_at is null and c.deleted_at is null
      and (conversation is null or m.conversation_id = conversation);
  blocked := array(select b.user_id from blocked_with(viewer) b);
  if conversation is null then
    select s.created_at into oldest from message_search s
      where s.account_id = account and s.created_at is not null order by s.created_at, s.conversation_id, s.seq limit 1;
  else
    select s.created_at into oldest from message_search s
      where s.account_id = account and s.conversation_id = conversation and s.seq > (mine->>conversation::text)::bigint
      order by s.seq limit 1;
  end if;
  if newest is null or oldest is null then return; end if;
  -- What is left to be looked at lies before (after_at, after_conversation, after_seq) and is younger than `later`.
  later := greatest(later, oldest - interval '1 millisecond');
  earlier := least(earlier, newest + interval '1 millisecond');
  if after_at is null or after_at >= earlier then
    after_at := earlier;
    after_conversation := nowhere;
    after_seq := 0;
  end if;

  for step in 1..32 loop
    perform set_config('enable_bitmapscan', case when walking then 'off' else 'on' end, true);
    if walking then
      -- Twice the same, over all conversations and within one: each along its own index.
      if conversation is null then
        select s.created_at into edge_at from message_search s
          where s.account_id = account
            and (s.created_at, s.conversation_id, s.seq) < (after_at, after_conversation, after_seq) and s.created_at > later
          order by s.created_at desc, s.conversation_id desc, s.seq desc offset 255 limit 1;
        return query
          select s.conversation_id, s.seq, s.created_at, false from (
            select s.* from (
              select * from message_search s
              where s.account_id = account
                and (s.created_at, s.conversation_id, s.seq) < (after_at, after_conversation, after_seq) and s.created_at > later
                and s.created_at >= coalesce(edge_at, '-infinity')
              order by s.created_at desc, s.conversation_id desc, s.seq desc offset 0
            ) s
            where s.terms @@ words and s.seq > (mine->>s.conversation_id::text)::bigint and s.sender_id <> all(blocked)
              and not exists (select from unnest(sought) t(term) where strpos(s.folded, t.term) = 0)
            order by s.created_at desc, s.conversation_id desc, s.seq desc offset 0
          ) s
          where not exists (
            select from hide h
            where h.account_id = account and h.user_id = viewer and h.conversation_id = s.conversation_id and h.seq = s.seq)
          order by s.created_at desc, s.conversation_id desc, s.seq desc limit most - given;
      else
        select s.created_at into edge_at from message_search s
          where s.account_id = account and s.conversation_id = conversation
            and (s.created_at, s.seq) < (after_at, after_seq) and s.created_at > later
          order by s.created_at desc, s.conversation_id desc, s.seq desc offset 255 limit 1;
        return query
          select s.conversation_id, s.seq, s.created_at, false from (
            select s.* from (
              select * from message_search s
              where s.account_id = account and s.conversation_id = conversation
                and (s.created_at, s.seq) < (after_at, after_seq) and s.created_at > later
                and s.created_at >= coalesce(edge_at, '-infinity')
              order by s.created_at desc, s.conversation_id desc, s.seq desc offset 0
            ) s
            where s.terms @@ words and s.seq > (mine->>s.conversation_id::text)::bigint and s.sender_id <> all(blocked)
              and not exists (select from unnest(sought) t(term) where strpos(s.folded, t.term) = 0)
            order by s.created_at desc, s.conversation_id desc, s.seq desc offset 0
          ) s
          where not exists (
            select from hide h
            where h.account_id = account and h.user_id = viewer and h.conversation_id = s.conversation_id and h.seq = s.seq)
          order by s.created_at desc, s.conversation_id desc, s.seq desc limit most - given;
      end if;
      get diagnostics added = row_count;
      given := given + added;
      if edge_at is null or given >= most then return; end if;
      -- Where people talk much, a walk is short: a block as long as it was is a good measure to begin with.
      level := coalesce(level, least(7, floor(log(16, greatest(4, extract(epoch from after_at - edge_at)) / 4))));
      after_at := edge_at;
      after_conversation := nowhere;
      after_seq := 0;
      below := search_block(after_at) + 1;
      walking := false;
      crowded := null;
      continue;
    end if;

    last_block := (below - 1) >> (4 * level);
    first_block := greatest(last_block - width + 1, last_block & -16, search_block(later) >> (4 * level));
    blocks := array(select search_block_mark(account, level, n) from generate_series(first_block, last_block) n);
    select array_agg(s.ctid) into places from (
      select s.ctid from message_search s
      where s.terms @@ words and search_marks(s.account_id, s.conversation_id, s.created_at) && blocks
        and search_marks(s.account_id, s.conversation_id, s.created_at) && coalesce(conversations, blocks) limit 257
    ) s;
    if cardinality(places) > 256 then
      -- Only now: few words are so common, and many conversations cost much to name.
      if conversations is null then
        conversations := array(select search_conversation_mark(id::uuid) from jsonb_object_keys(mine) id);
        continue;
      end if;
      crowded := first_block << (4 * level);
    else
      return query
        select s.conversation_id, s.seq, s.created_at, false from (
          select s.* from (
            select * from (select * from message_search s where s.ctid = any(places) offset 0) s
            where s.account_id = account
              and (s.created_at, s.conversation_id, s.seq) < (after_at, after_conversation, after_seq) and s.created_at > later
            offset 0
          ) s
          where s.terms @@ words and s.seq > (mine->>s.conversation_id::text)::bigint and s.sender_id <> all(blocked)
            and not exists (select from unnest(sought) t(term) where strpos(s.folded, t.term) = 0)
          order by s.created_at desc, s.conversation_id desc, s.seq desc offset 0
        ) s
        where not exists (
          select from hide h
          where h.account_id = account and h.user_id = viewer and h.conversation_id = s.conversation_id and h.seq = s.seq)
        order by s.created_at desc, s.conversation_id desc, s.seq desc limit most - given;
      get diagnostics added = row_count;
      given := given + added;
      below := first_block << (4 * level);
      after_at := to_timestamp(below * 4);
      after_conversation := nowhere;
      after_seq := 0;
      if after_at <= later or given >= most then return; end if;
      if places is not null or below <= crowded then crowded := null; end if;
      -- So many as should hold half as many candidates as may be, if they are spread as they were.
      width := greatest(1, (last_block - first_block + 1) * 128 / greatest(1, coalesce(cardinality(places), 0)));
      if width >= 16 and first_block & 15 = 0 and level < 7 then
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
  return query select nowhere, 0::bigint, after_at, true;
end $function$;

revoke all on function search_messages(uuid, uuid, tsquery, text[], uuid, timestamptz, timestamptz, timestamptz, uuid, bigint, integer)
  from public;
grant execute on function search_messages(uuid, uuid, tsquery, text[], uuid, timestamptz, timestamptz, timestamptz, uuid, bigint, integer)
  to coucou_app;
reset role;
revoke create on schema public from coucou_search;
