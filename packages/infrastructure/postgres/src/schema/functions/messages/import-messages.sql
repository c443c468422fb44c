-- Stores messages as another system had them, with their own times, in the account that is set: as append_messages does, two statements, under
-- the locks of the conversations' heads, and what is there already is left alone before numbers are taken. Nothing is decided here: whoever
-- imports administers the account. Nobody is notified: the outbox gets `messages.imported`, of which only the search hears.
--
-- `batch` is an array of objects, one for each message; request_index (from 0, without gaps) is their order and comes back with the answer.
-- What they refer to is named by the ids of messages of the same conversation; where those stand before them in the batch, reply_index and
-- root_index say where, since a join of the batch with itself would be a nested loop. What is not found is left out.
--
-- Answers each as `stored`, `present`, `trimmed` (the conversation keeps nothing so old, or is deleted) or `late` (older than the newest
-- message of its conversation: times never go back).

grant create on schema public to coucou_append;
set local role coucou_append;

create or replace function import_messages(batch json)
returns table (request_index integer, status text)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $function$
#variable_conflict use_column
declare
  account uuid := nullif(current_setting('app.account_id', true), '')::uuid;
  conversations uuid[] := array(select distinct r.conversation_id from json_to_recordset(batch) as r(conversation_id uuid));
begin
  perform from (select id from unnest(conversations) named(id) order by id) named
  cross join lateral (
    select from conversation_head x
    where x.account_id = account and x.conversation_id = named.id order by x.era desc limit 1 for no key update
  ) locked;

  return query
  with requested as (
    select r.*, row_number() over (partition by r.message_id order by r.request_index) as time_named
    from json_to_recordset(batch) as r(
      request_index integer, conversation_id uuid, message_id uuid, sender_id uuid, request_hash text, type text, content text, data jsonb,
      reply_to_id uuid, reply_index integer, thread_root_id uuid, root_index integer, mentions uuid[], mention_all boolean, attachment_ids uuid[], forwarded boolean,
      created_at timestamptz, edited_at timestamptz, deleted_at timestamptz, pinned_at timestamptz, pinned_by uuid)
  ),
  headed as materialized (
    select h.*, c.first_seq, c.deleted_at is not null as closed
    from unnest(conversations) named(id)
    join conversation c on c.account_id = account and c.id = named.id
    cross join lateral (
      select x.*, x.ctid as place from conversation_head x
      where x.account_id = c.account_id and x.conversation_id = c.id order by x.era desc limit 1) h
  ),
  judged as materialized (
    select r.*, h.place as head_place, h.last_seq, h.version as last_version, h.countable as countable_before,
      r.time_named > 1 or exists (
        select from message m where m.account_id = account and m.id = r.message_id and m.id is not null) as present,
      h.closed,
      coalesce(r.created_at < h.active_at and h.last_seq > 0, false) as behind,
      h.first_seq > 1 as trims,
      coalesce(r.created_at < max(r.created_at) over (
        partition by r.conversation_id order by r.request_index rows between unbounded preceding and 1 preceding), false) as unordered
    from requested r join headed h on h.conversation_id = r.conversation_id
  ),
  decided as materialized (
    select j.*, case
        when j.present then 'present'
        when j.closed or (j.behind and j.trims) then 'trimmed'
        when j.behind or j.unordered then 'late'
        else 'stored' end as status
    from judged j
  ),
  placed as materialized (
    select d.*, d.last_seq + count(*) filter (where d.status = 'stored') over (partition by d.conversation_id order by d.request_index) as seq
    from decided d
  ),
  -- By request_index + 1.
  given as materialized (
    select array_agg(case when p.status = 'stored' then p.seq end order by p.request_index) as seqs from placed p
  ),
  -- From here on: what is stored.
  related as materialized (
    select p.*, p.seq - p.last_seq as place,
      case when p.reply_to_id is not null then coalesce(g.seqs[p.reply_index + 1], (
        select x.seq from message x
        where x.account_id = account and x.id = p.reply_to_id and x.id is not null and x.conversation_id = p.conversation_id limit 1)) end as reply_to_seq,
      -- A reply in a thread is never a root itself.
      case when p.thread_root_id is not null then coalesce(g.seqs[p.root_index + 1], (
        select x.seq from message x
        where x.account_id = account and x.id = p.thread_root_id and x.id is not null and x.conversation_id = p.conversation_id
          and x.thread_root_seq is null limit 1)) end as thread_root_seq
    from placed p cross join given g where p.status = 'stored'
  ),
  numbered as materialized (
    select r.*, r.last_version + r.place as version,
      is_countable(r.type, r.thread_root_seq) as countable,
      r.countable_before + count(*) filter (where is_countable(r.type, r.thread_root_seq))
        over (partition by r.conversation_id order by r.place) as count_seq,
      row_number() over (partition by r.conversation_id order by r.place desc) as from_last
    from related r
  ),
  thread as materialized (
    select n.conversation_id, n.thread_root_seq, count(*)::int as replies, max(n.seq) as last_reply_seq
    from numbered n where n.thread_root_seq is not null group by n.conversation_id, n.thread_root_seq
  ),
  message_stored as (
    insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, data,
      reply_to_seq, thread_root_seq, mentions, mention_all, attachment_ids, forwarded, reply_count, last_reply_seq, pinned_at, pinned_by,
      count_seq, version, created_at, edited_at, deleted_at)
    select account, n.conversation_id, n.seq, n.message_id, n.sender_id, n.message_id, decode(n.request_hash, 'hex'), n.type, n.content, n.data,
      n.reply_to_seq, n.thread_root_seq, coalesce(n.mentions, '{}'), coalesce(n.mention_all, false), coalesce(n.attachment_ids, '{}'),
      coalesce(n.forwarded, false), coalesce(t.replies, 0), t.last_reply_seq, n.pinned_at, n.pinned_by,
      n.count_seq, n.version, n.created_at, n.edited_at, n.deleted_at
    from numbered n
    left join thread t on t.conversation_id = n.conversation_id and t.thread_root_seq = n.seq
  ),
  -- Roots of this batch are not seen here: they were stored with their counts.
  thread_advanced as (
    update message root set reply_count = root.reply_count + t.replies, last_reply_seq = t.last_reply_seq
    from thread t
    where root.account_id = account and root.conversation_id = t.conversation_id and root.seq = t.thread_root_seq
  ),
  mention_stored as (
    insert into mention (account_id, user_id, conversation_id, seq)
    select distinct account, mentioned.user_id, n.conversation_id, n.seq
    from numbered n cross join lateral unnest(n.mentions) mentioned(user_id)
    -- Nobody has an unread message of their own.
    where mentioned.user_id <> n.sender_id
  ),
  attachment_used as (
    insert into attachment_use (account_id, attachment_id, conversation_id, seq)
    select distinct account, used.attachment_id, n.conversation_id, n.seq
    from numbered n cross join lateral unnest(n.attachment_ids) used(attachment_id)
  ),
  head_advanced as (
    update conversation_head h set last_seq = n.seq, version = n.version, countable = n.count_seq, active_at = n.created_at
    from numbered n
    where n.from_last = 1 and h.ctid = n.head_place
  ),
  -- Of those who have been let in: for the others it is counted then.
  own as (
    select n.conversation_id, n.sender_id, count(*) as messages
    from numbered n where n.countable group by n.conversation_id, n.sender_id
  ),
  sender_advanced as (
    update member sender set own_since = sender.own_since + o.messages, mark_writes = sender.mark_writes + 1
    from own o cross join lateral (
      select m.ctid as place from member m
      where m.account_id = account and m.conversation_id = o.conversation_id and m.user_id = o.sender_id and m.version > 0 and m.left_at is null
      order by m.era desc limit 1
    ) present
    where sender.ctid = present.place
  ),
  event_queued as (
    insert into outbox (account_id, id, type, payload)
    select account, gen_random_uuid(), 'messages.imported', jsonb_build_object('messageIds', jsonb_agg(n.message_id order by n.request_index))
    from numbered n where n.content is not null and n.type <> 'system' having count(*) > 0
  )
  select d.request_index, d.status from decided d;
end $function$;

revoke all on function import_messages(json) from public;
grant execute on function import_messages(json) to coucou_app;
reset role;
revoke create on schema public from coucou_append;
