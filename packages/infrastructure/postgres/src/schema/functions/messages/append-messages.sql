-- Appends a batch of messages: two statements, so that the second sees what others committed while the first waited for its locks.
-- The batch's conversations are locked, by their heads, in one order; those that others hold are passed over (`parked`) unless `wait` is set,
-- so that a slow transaction never stalls strangers. Each head is looked up by its key once: the lock answers the row and its place, which
-- stay until the transaction ends. Duplicates are answered before numbers are taken, or gaps would appear. Every other
-- change to a conversation or its members takes the same row lock first, so marks of senders are updated without further locking.
--
-- What belongs to a conversation or a sender of the batch is computed by windows over its rows: joined back it would be a nested
-- loop, for the planner expects one or two rows of everything that comes out of a function.
--
-- No bitmap scans: for one they would read every version of a member that an idle transaction keeps, and sort them by era.
--
-- `accounts` and `conversations` hold each conversation of the batch once. `batch` is an array of objects, one for each message; see
-- `requested` for what they hold: request_index (from 0) comes back with the answer, conversation_index (from 1) says where in the arrays
-- the conversation stands, request_hash is in hexadecimal, access_version, role and may_announce are what the decision rested on
-- (posting_decision_holds), countable says whether it counts as unread, slowable whether slow mode holds for the sender, traceparent, where
-- calls are traced, which span the message is of.
--
-- Answers each message as `stored`, `duplicate` (with the row in `stored`), `conflict` (the same client_message_id with another content),
-- `stale` (decide again), `slowed` (until created_at) or `parked`.

grant create on schema public to coucou_append;
set local role coucou_append;

create or replace function append_messages(accounts uuid[], conversations uuid[], batch json, wait boolean, announce boolean)
returns table (
  request_index integer, status text, seq bigint, version bigint, created_at timestamptz, access_version bigint,
  receipts_version bigint, read_seq bigint, stored json
)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
#variable_conflict use_column
declare
  locked_heads conversation_head[];
  locked_places tid[];
  locked_at timestamptz;
begin
  -- SKIP LOCKED cannot be parameterized: one statement with it, and one without.
  if wait then
    select array_agg(h.head order by named.conversation_index), array_agg(h.place order by named.conversation_index)
      into locked_heads, locked_places
    from (
      select n.* from unnest(accounts, conversations) with ordinality n(account_id, conversation_id, conversation_index)
      order by n.account_id, n.conversation_id
    ) named
    left join lateral (
      select x as head, x.ctid as place from conversation_head x
      where x.account_id = named.account_id and x.conversation_id = named.conversation_id
      order by x.era desc limit 1 for no key update
    ) h on true;
  else
    select array_agg(h.head order by named.conversation_index), array_agg(h.place order by named.conversation_index)
      into locked_heads, locked_places
    from (
      select n.* from unnest(accounts, conversations) with ordinality n(account_id, conversation_id, conversation_index)
      order by n.account_id, n.conversation_id
    ) named
    left join lateral (
      select x as head, x.ctid as place from conversation_head x
      where x.account_id = named.account_id and x.conversation_id = named.conversation_id
      order by x.era desc limit 1 for no key update skip locked
    ) h on true;
  end if;

  -- One time for the whole batch, read once it holds its locks.
  locked_at := clock_now();

  return query
  with requested as (
    select r.*, accounts[r.conversation_index] as account_id, conversations[r.conversation_index] as conversation_id,
      locked_places[r.conversation_index] as head_place
    from json_to_recordset(batch) as r(
      request_index integer, conversation_index integer, sender_id uuid, client_message_id uuid, request_hash text, message_id uuid,
      type text, content text, data jsonb, parts jsonb, reply_to_seq bigint, thread_root_seq bigint, mentions uuid[], mention_all boolean,
      attachment_ids uuid[], forwarded boolean, expires_in_seconds integer, access_version bigint, role text, may_announce boolean, countable boolean,
      slowable boolean, traceparent text)
  ),
  locked as (
    select r.*, (locked_heads[r.conversation_index]).last_seq, (locked_heads[r.conversation_index]).version as last_version, (locked_heads[r.conversation_index]).access_version as access_version_now,
      (locked_heads[r.conversation_index]).countable as countable_before, (locked_heads[r.conversation_index]).receipts_version as receipts_version_before, (locked_heads[r.conversation_index]).active_at, c.slow_mode_seconds,
      is_announcements_only(c.settings) as announcements_only,
      row_number() over (partition by r.conversation_index, r.sender_id order by r.request_index) as turn
    from requested r
    join conversation c on c.account_id = r.account_id and c.id = r.conversation_id
    where r.head_place is not null
  ),
  resent as (
    select l.request_index, l.request_hash as request_hash_now, m.* from locked l
    join message m on m.account_id = l.account_id and m.conversation_id = l.conversation_id and m.sender_id = l.sender_id
      and m.client_message_id = l.client_message_id
  ),
  judged as (
    select l.*, sender.place as sender_place, sender.unread_base, sender.own_since, sender.unread_from_seq, sender.last_posted_at,
      posting_decision_holds(l.access_version, l.access_version_now, l.role, sender.role, l.may_announce, l.announcements_only)
        and sender.user_id is not null and sender.left_at is null
        and not is_posting_muted(sender.posting_muted_until, locked_at)
        and not exists (
          select from app_user p where p.account_id = l.account_id and p.id = l.sender_id
            and (is_suspended(p.suspended_at) or is_posting_muted(p.muted_until, locked_at))) as granted,
      l.slowable and l.slow_mode_seconds > 0
        and (l.turn > 1 or slowed_until(sender.last_posted_at, l.slow_mode_seconds) > locked_at) as slowed
    from locked l
    -- The newest version first, as of the head: what a transaction that idles somewhere keeps of the row is not walked.
    left join lateral (
      select m.*, m.ctid as place from member m
      where m.account_id = l.account_id and m.conversation_id = l.conversation_id and m.user_id = l.sender_id
      order by m.era desc limit 1
    ) sender on true
    where not l.request_index = any(array(select r.request_index from resent r))
  ),
  -- From here on: what is stored. `place` is its place among the new messages of its conversation, from 1.
  placed as (
    select j.*,
      row_number() over so_far as place,
      count(*) filter (where j.countable) over so_far as counted,
      first_value(j.sender_id) over (partition by j.conversation_index order by not j.countable, j.request_index) as first_sender_id,
      j.unread_from_seq is null and unread_messages(j.countable_before, j.unread_base, j.own_since) = 0 as caught_up
    from judged j where j.granted and j.slowed is not true
    window so_far as (partition by j.conversation_index order by j.request_index)
  ),
  -- foreign_place: the first message of someone else that counts. A sender's own mark does not pass it.
  bounded as (
    select p.*,
      coalesce(
        case when p.sender_id = p.first_sender_id
          then min(p.place) filter (where p.countable and p.sender_id <> p.first_sender_id) over of_conversation
          else min(p.place) filter (where p.countable) over of_conversation end, 2147483647) as foreign_place,
      max(p.place) over of_conversation as messages,
      max(p.counted) over of_conversation as countables,
      greatest(date_trunc('milliseconds', locked_at), p.active_at) as at
    from placed p
    window of_conversation as (partition by p.conversation_index)
  ),
  measured as (
    select b.*,
      max(b.place) filter (where b.place < b.foreign_place) over of_sender as read_place,
      max(b.counted) filter (where b.place < b.foreign_place) over of_sender as read_counted,
      count(*) filter (where b.countable) over of_sender as own,
      count(*) filter (where b.countable and b.place >= b.foreign_place) over of_sender as own_after,
      row_number() over (partition by b.conversation_index, b.sender_id order by b.place desc) as from_last
    from bounded b
    window of_sender as (partition by b.conversation_index, b.sender_id)
  ),
  -- Who had read everything has read what they send now, too.
  numbered as (
    select m.*, m.last_seq + m.place as seq, m.last_version + m.place as version, m.caught_up and m.read_place is not null as moves_mark,
      bool_or(m.caught_up and m.read_place is not null) over (partition by m.conversation_index) as moves_any_mark
    from measured m
  ),
  head_advanced as (
    update conversation_head h set
      last_seq = h.last_seq + n.messages,
      version = h.version + n.messages,
      countable = h.countable + n.countables,
      active_at = n.at,
      receipts_version = h.receipts_version + case when n.moves_any_mark then 1 else 0 end
    from numbered n
    where n.place = 1 and h.ctid = n.head_place
  ),
  sender_advanced as (
    update member sender set
      read_seq = case when n.moves_mark then n.last_seq + n.read_place else sender.read_seq end,
      delivered_seq = case when n.moves_mark then greatest(sender.delivered_seq, n.last_seq + n.read_place) else sender.delivered_seq end,
      unread_base = case when n.moves_mark then n.countable_before + n.read_counted else sender.unread_base end,
      own_since = case when n.moves_mark then n.own_after else sender.own_since + n.own end,
      receipts_at = case when n.moves_mark then n.receipts_version_before + 1 else sender.receipts_at end,
      last_posted_at = locked_at,
      mark_writes = sender.mark_writes + 1
    from numbered n
    where n.from_last = 1 and sender.ctid = n.sender_place
  ),
  message_stored as (
    insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, data, parts,
      reply_to_seq, thread_root_seq, mentions, mention_all, attachment_ids, forwarded, count_seq, version, created_at, expires_at)
    select n.account_id, n.conversation_id, n.seq, n.message_id, n.sender_id, n.client_message_id, decode(n.request_hash, 'hex'),
      n.type, n.content, n.data, n.parts, n.reply_to_seq, n.thread_root_seq, coalesce(n.mentions, '{}'), coalesce(n.mention_all, false),
      coalesce(n.attachment_ids, '{}'), coalesce(n.forwarded, false), n.countable_before + n.counted, n.version, n.at,
      n.at + n.expires_in_seconds * interval '1 second'
    from numbered n
  ),
  mention_stored as (
    insert into mention (account_id, user_id, conversation_id, seq)
    select n.account_id, mentioned.user_id, n.conversation_id, n.seq
    from numbered n cross join lateral unnest(n.mentions) mentioned(user_id)
    -- Nobody has an unread message of their own.
    where mentioned.user_id <> n.sender_id
  ),
  attachment_used as (
    insert into attachment_use (account_id, attachment_id, conversation_id, seq)
    select n.account_id, used.attachment_id, n.conversation_id, n.seq
    from numbered n cross join lateral unnest(n.attachment_ids) used(attachment_id)
  ),
  thread_advanced as (
    update message root set reply_count = root.reply_count + thread.replies, last_reply_seq = thread.last_reply_seq
    from (
      select n.account_id, n.conversation_id, n.thread_root_seq, count(*)::int as replies, max(n.seq) as last_reply_seq
      from numbered n where n.thread_root_seq is not null group by n.account_id, n.conversation_id, n.thread_root_seq
    ) thread
    where root.account_id = thread.account_id and root.conversation_id = thread.conversation_id and root.seq = thread.thread_root_seq
  ),
  event_queued as (
    insert into outbox (account_id, id, type, payload)
    select n.account_id, gen_random_uuid(), 'message.posted',
      case when min(n.traceparent) is null
        then jsonb_build_object('conversationId', n.conversation_id, 'messageIds', jsonb_agg(n.message_id order by n.place), 'version', min(n.version))
        else jsonb_build_object('conversationId', n.conversation_id, 'messageIds', jsonb_agg(n.message_id order by n.place), 'version', min(n.version),
          'traceparent', min(n.traceparent)) end
    from numbered n where announce group by n.account_id, n.conversation_id
  ),
  -- Claimed by its time: an event that waits for one is not found by its transaction.
  expiry_queued as (
    insert into outbox (account_id, id, type, payload, due_at, stored_by)
    select n.account_id, gen_random_uuid(), 'message.expires',
      jsonb_build_object('conversationId', n.conversation_id, 'messageId', n.message_id), n.at + n.expires_in_seconds * interval '1 second', null
    from numbered n where n.expires_in_seconds is not null
  )
  select n.request_index, 'stored', n.seq, n.version, n.at, n.access_version_now,
    case when n.moves_mark and n.place = n.read_place then n.receipts_version_before + 1 end,
    case when n.moves_mark and n.place = n.read_place then n.seq end,
    null::json
  from numbered n
  union all
  select r.request_index, case when r.request_hash = decode(r.request_hash_now, 'hex') then 'duplicate' else 'conflict' end,
    r.seq, r.version, r.created_at, null, null, null, row_to_json(r)
  from resent r
  union all
  select j.request_index, case when j.granted then 'slowed' else 'stale' end, null, null,
    case when j.granted then slowed_until(coalesce(j.last_posted_at, locked_at), j.slow_mode_seconds) end, null, null, null, null
  from judged j where not j.granted or j.slowed
  union all
  select r.request_index,
    case when exists (select from conversation c where c.account_id = r.account_id and c.id = r.conversation_id) then 'parked' else 'stale' end,
    null, null, null, null, null, null, null
  from requested r where r.head_place is null;
end $function$;

revoke all on function append_messages(uuid[], uuid[], json, boolean, boolean) from public;
grant execute on function append_messages(uuid[], uuid[], json, boolean, boolean) to coucou_app;
reset role;
revoke create on schema public from coucou_append;
