import type { Kysely } from 'kysely';
import { createDefinerFunction } from './isolation.ts';

/**
 * Appends a batch of messages: two statements, so that the second sees what others committed while the first waited for its locks.
 * The batch's conversations are locked in one order; those that others hold are passed over (`parked`) unless `wait` is set, so that
 * a slow transaction never stalls strangers. Duplicates are answered before numbers are taken, or gaps would appear. Every other
 * change to a conversation or its members takes the same row lock first, so marks of senders are updated without further locking.
 *
 * `batch` rows: o order, a account, c conversation, s sender, k client message id, h request hash (hex), i id, t type, x content,
 * d data, v the access version that the decision rests on, n whether it counts as unread.
 */
const APPEND = `
create function append_messages(accounts uuid[], conversations uuid[], batch json, wait boolean, announce boolean)
returns table (
  o integer, status text, seq bigint, version bigint, created_at timestamptz, access_version bigint,
  receipts_version bigint, read_seq bigint, stored json
)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $function$
#variable_conflict use_column
declare
  held_accounts uuid[];
  held_conversations uuid[];
begin
  if wait then
    select array_agg(k.account_id), array_agg(k.id) into held_accounts, held_conversations from (
      select cv.account_id, cv.id from unnest(accounts, conversations) u(a, c)
      join conversation cv on cv.account_id = u.a and cv.id = u.c
      order by cv.account_id, cv.id for no key update of cv
    ) k;
  else
    select array_agg(k.account_id), array_agg(k.id) into held_accounts, held_conversations from (
      select cv.account_id, cv.id from unnest(accounts, conversations) u(a, c)
      join conversation cv on cv.account_id = u.a and cv.id = u.c
      order by cv.account_id, cv.id for no key update of cv skip locked
    ) k;
  end if;

  return query
  with input as (
    select * from json_to_recordset(batch)
      as r(o integer, a uuid, c uuid, s uuid, k uuid, h text, i uuid, t text, x text, d jsonb, v bigint, n boolean, r bigint, u bigint,
        m uuid[], e boolean, f uuid[], w boolean, p boolean)
  ),
  live as (
    select r.*, cv.last_seq, cv.version as base_version, cv.access_version as base_access, cv.countable as base_countable,
      cv.receipts_version as base_receipts, cv.last_message_at, cv.slow_mode_seconds,
      row_number() over (partition by r.a, r.c, r.s order by r.o) as turn
    from unnest(held_accounts, held_conversations) u(a, c)
    join conversation cv on cv.account_id = u.a and cv.id = u.c
    join input r on r.a = cv.account_id and r.c = cv.id
  ),
  earlier as (
    select l.o, l.h, m.* from live l
    join message m on m.account_id = l.a and m.conversation_id = l.c and m.sender_id = l.s and m.client_message_id = l.k
  ),
  judged as (
    select l.*, mb.unread_base, mb.own_since, mb.unread_from_seq,
      l.v = l.base_access and mb.user_id is not null and mb.left_at is null
        and (mb.posting_muted_until is null or mb.posting_muted_until <= clock_timestamp()) as granted,
      l.p and l.slow_mode_seconds > 0 and (l.turn > 1 or mb.last_posted_at + make_interval(secs => l.slow_mode_seconds) > clock_timestamp()) as slowed,
      mb.last_posted_at
    from live l
    left join member mb on mb.account_id = l.a and mb.conversation_id = l.c and mb.user_id = l.s
    where not exists (select from earlier e where e.o = l.o)
  ),
  numbered as (
    select j.*, row_number() over w as place, count(*) filter (where j.n) over w as counted,
      first_value(j.s) over (partition by j.a, j.c order by not j.n, j.o) as first_sender
    from judged j where j.granted and j.slowed is not true
    window w as (partition by j.a, j.c order by j.o)
  ),
  totals as (
    select a, c, first_sender, max(place) as messages, max(counted) as counted,
      min(place) filter (where n) as first_place,
      min(place) filter (where n and s <> first_sender) as second_place,
      greatest(date_trunc('milliseconds', clock_timestamp()), max(last_message_at)) as at
    from numbered group by a, c, first_sender
  ),
  -- A sender's own mark follows what they send as long as nothing of others is unread before it.
  senders as (
    select y.*, y.caught_up and y.upto is not null as moves from (
      select m.a, m.c, m.s, m.base_countable, m.last_seq, m.base_receipts,
        m.unread_from_seq is null and m.base_countable - m.unread_base - m.own_since = 0 as caught_up,
        max(m.place) filter (where m.place < limits.foreign_place) as upto,
        max(m.counted) filter (where m.place < limits.foreign_place) as counted_upto,
        count(*) filter (where m.n) as own,
        count(*) filter (where m.n and m.place >= limits.foreign_place) as own_after
      from numbered m
      join totals t on t.a = m.a and t.c = m.c
      cross join lateral (
        select coalesce(case when m.s = t.first_sender then t.second_place else t.first_place end, 2147483647) as foreign_place
      ) limits
      group by m.a, m.c, m.s, m.base_countable, m.last_seq, m.base_receipts, m.unread_from_seq, m.unread_base, m.own_since
    ) y
  ),
  bump as (
    update conversation cv set
      last_seq = cv.last_seq + t.messages,
      version = cv.version + t.messages,
      countable = cv.countable + t.counted,
      last_message_at = t.at,
      receipts_version = cv.receipts_version + case when mv.moved then 1 else 0 end
    from totals t
    join (select a, c, bool_or(moves) as moved from senders group by a, c) mv on mv.a = t.a and mv.c = t.c
    where cv.account_id = t.a and cv.id = t.c
  ),
  mark as (
    update member mb set
      read_seq = case when s.moves then s.last_seq + s.upto else mb.read_seq end,
      delivered_seq = case when s.moves then greatest(mb.delivered_seq, s.last_seq + s.upto) else mb.delivered_seq end,
      unread_base = case when s.moves then s.base_countable + s.counted_upto else mb.unread_base end,
      own_since = case when s.moves then s.own_after else mb.own_since + s.own end,
      receipts_at = case when s.moves then s.base_receipts + 1 else mb.receipts_at end,
      last_posted_at = clock_timestamp()
    from senders s
    where mb.account_id = s.a and mb.conversation_id = s.c and mb.user_id = s.s
  ),
  insertion as (
    insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, data,
      reply_to_seq, thread_root_seq, mentions, mention_all, attachment_ids, forwarded, count_seq, version, created_at)
    select m.a, m.c, m.last_seq + m.place, m.i, m.s, m.k, decode(m.h, 'hex'), m.t, m.x, m.d,
      m.r, m.u, coalesce(m.m, '{}'), coalesce(m.e, false), coalesce(m.f, '{}'), coalesce(m.w, false), m.base_countable + m.counted, m.base_version + m.place, t.at
    from numbered m join totals t on t.a = m.a and t.c = m.c
  ),
  named as (
    insert into mention (account_id, user_id, conversation_id, seq)
    select m.a, x.id, m.c, m.last_seq + m.place from numbered m cross join lateral unnest(m.m) x(id)
  ),
  attached as (
    insert into attachment_use (account_id, attachment_id, conversation_id, seq)
    select m.a, x.id, m.c, m.last_seq + m.place from numbered m cross join lateral unnest(m.f) x(id)
  ),
  replied as (
    update message root set reply_count = root.reply_count + y.replies, last_reply_seq = y.last
    from (select m.a, m.c, m.u, count(*)::int as replies, max(m.last_seq + m.place) as last from numbered m where m.u is not null group by m.a, m.c, m.u) y
    where root.account_id = y.a and root.conversation_id = y.c and root.seq = y.u
  ),
  queued as (
    insert into outbox (account_id, id, type, payload)
    select m.a, gen_random_uuid(), 'message.posted',
      jsonb_build_object('conversationId', m.c, 'messageIds', jsonb_agg(m.i order by m.place))
    from numbered m where announce group by m.a, m.c
  )
  select m.o, 'stored', m.last_seq + m.place, m.base_version + m.place, t.at, m.base_access,
    case when s.moves then s.base_receipts + 1 end, case when s.moves then s.last_seq + s.upto end, null::json
  from numbered m
  join totals t on t.a = m.a and t.c = m.c
  left join senders s on s.a = m.a and s.c = m.c and s.s = m.s and s.upto = m.place
  union all
  select e.o, case when e.request_hash = decode(e.h, 'hex') then 'duplicate' else 'conflict' end, e.seq, e.version, e.created_at, null, null, null,
    row_to_json(e)
  from earlier e
  union all
  select j.o, case when j.granted then 'slowed' else 'stale' end, null, null,
    case when j.granted then coalesce(j.last_posted_at, clock_timestamp()) + make_interval(secs => j.slow_mode_seconds) end, null, null, null, null
  from judged j where not j.granted or j.slowed
  union all
  select r.o, case when exists (select from conversation cv where cv.account_id = r.a and cv.id = r.c) then 'parked' else 'stale' end,
    null, null, null, null, null, null, null
  from input r where not exists (select from live l where l.o = r.o);
end $function$`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await createDefinerFunction(db, 'coucou_append', 'append_messages(uuid[], uuid[], json, boolean, boolean)', APPEND);
}
