import { type Kysely, sql } from 'kysely';
import { createDefinerFunction } from './isolation.ts';

/**
 * As in 0005, but that a decision outlives what changes about other people: where the access version has moved on, it holds in a group as
 * long as the sender's role is the same and the group lets them post, so that nobody is kept from posting by others who come and go.
 *
 * Appends a batch of messages: two statements, so that the second sees what others committed while the first waited for its locks.
 * The batch's conversations are locked in one order; those that others hold are passed over (`parked`) unless `wait` is set, so that
 * a slow transaction never stalls strangers. Duplicates are answered before numbers are taken, or gaps would appear. Every other
 * change to a conversation or its members takes the same row lock first, so marks of senders are updated without further locking.
 *
 * What belongs to a conversation or a sender of the batch is computed by windows over its rows: joined back it would be a nested
 * loop, for the planner expects one or two rows of everything that comes out of a function.
 *
 * `batch` rows: o order, g the place of the conversation in the arrays, a account, c conversation, s sender, k client message id,
 * h request hash (hex), i id, t type, x content, d data, v the access version that the decision rested on, n whether it counts as
 * unread, r reply to seq, u thread root seq, m mentioned users, e whether everyone is mentioned, f attachments, w whether it is
 * forwarded, p whether slow mode holds for the sender, y the role that the decision rested on, z whether it may announce; both are
 * absent between two, where the version alone tells.
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
  held integer[];
begin
  if wait then
    select coalesce(array_agg(k.g), '{}') into held from (
      select u.g::integer from unnest(accounts, conversations) with ordinality u(a, c, g)
      join conversation cv on cv.account_id = u.a and cv.id = u.c
      order by cv.account_id, cv.id for no key update of cv
    ) k;
  else
    select coalesce(array_agg(k.g), '{}') into held from (
      select u.g::integer from unnest(accounts, conversations) with ordinality u(a, c, g)
      join conversation cv on cv.account_id = u.a and cv.id = u.c
      order by cv.account_id, cv.id for no key update of cv skip locked
    ) k;
  end if;

  return query
  with input as (
    select * from json_to_recordset(batch)
      as r(o integer, g integer, a uuid, c uuid, s uuid, k uuid, h text, i uuid, t text, x text, d jsonb, v bigint, n boolean,
        r bigint, u bigint, m uuid[], e boolean, f uuid[], w boolean, p boolean, y text, z boolean)
  ),
  live as (
    select r.*, cv.last_seq, cv.version as base_version, cv.access_version as base_access, cv.countable as base_countable,
      cv.receipts_version as base_receipts, cv.last_message_at, cv.slow_mode_seconds,
      cv.settings @> '{"announcementsOnly": true}' as announced,
      row_number() over (partition by r.g, r.s order by r.o) as turn
    from input r
    join conversation cv on cv.account_id = r.a and cv.id = r.c
    where r.g = any(held)
  ),
  earlier as (
    select l.o, l.h, m.* from live l
    join message m on m.account_id = l.a and m.conversation_id = l.c and m.sender_id = l.s and m.client_message_id = l.k
  ),
  judged as (
    select l.*, mb.unread_base, mb.own_since, mb.unread_from_seq,
      (l.v = l.base_access or coalesce(l.y = mb.role and (l.z or not l.announced), false)) and mb.user_id is not null and mb.left_at is null
        and (mb.posting_muted_until is null or mb.posting_muted_until <= clock_timestamp())
        and not exists (select from app_user p where p.account_id = l.a and p.id = l.s and p.suspended_at is not null) as granted,
      l.p and l.slow_mode_seconds > 0
        and (l.turn > 1 or mb.last_posted_at + make_interval(secs => l.slow_mode_seconds) > clock_timestamp()) as slowed,
      mb.last_posted_at
    from live l
    left join member mb on mb.account_id = l.a and mb.conversation_id = l.c and mb.user_id = l.s
    where not l.o = any(array(select e.o from earlier e))
  ),
  placed as (
    select j.*,
      row_number() over w as place,
      count(*) filter (where j.n) over w as counted,
      first_value(j.s) over (partition by j.g order by not j.n, j.o) as first_sender,
      j.unread_from_seq is null and j.base_countable - j.unread_base - j.own_since = 0 as caught_up
    from judged j where j.granted and j.slowed is not true
    window w as (partition by j.g order by j.o)
  ),
  -- The first message of someone else that counts: a sender's own mark does not pass it.
  bounded as (
    select p.*,
      coalesce(
        case when p.s = p.first_sender then min(p.place) filter (where p.n and p.s <> p.first_sender) over c
        else min(p.place) filter (where p.n) over c end, 2147483647) as foreign_place,
      max(p.place) over c as messages,
      max(p.counted) over c as countables,
      greatest(date_trunc('milliseconds', now.at), p.last_message_at) as at
    from placed p cross join (select clock_timestamp() as at) now
    window c as (partition by p.g)
  ),
  numbered as (
    select b.*,
      max(b.place) filter (where b.place < b.foreign_place) over s as upto,
      max(b.counted) filter (where b.place < b.foreign_place) over s as counted_upto,
      count(*) filter (where b.n) over s as own,
      count(*) filter (where b.n and b.place >= b.foreign_place) over s as own_after,
      row_number() over (partition by b.g, b.s order by b.place desc) as from_last
    from bounded b
    window s as (partition by b.g, b.s)
  ),
  moved as (
    select m.*, m.caught_up and m.upto is not null as moves,
      bool_or(m.caught_up and m.upto is not null) over (partition by m.g) as receipts
    from numbered m
  ),
  bump as (
    update conversation cv set
      last_seq = cv.last_seq + m.messages,
      version = cv.version + m.messages,
      countable = cv.countable + m.countables,
      last_message_at = m.at,
      receipts_version = cv.receipts_version + case when m.receipts then 1 else 0 end
    from moved m
    where m.place = 1 and cv.account_id = m.a and cv.id = m.c
  ),
  mark as (
    update member mb set
      read_seq = case when m.moves then m.last_seq + m.upto else mb.read_seq end,
      delivered_seq = case when m.moves then greatest(mb.delivered_seq, m.last_seq + m.upto) else mb.delivered_seq end,
      unread_base = case when m.moves then m.base_countable + m.counted_upto else mb.unread_base end,
      own_since = case when m.moves then m.own_after else mb.own_since + m.own end,
      receipts_at = case when m.moves then m.base_receipts + 1 else mb.receipts_at end,
      last_posted_at = clock_timestamp()
    from moved m
    where m.from_last = 1 and mb.account_id = m.a and mb.conversation_id = m.c and mb.user_id = m.s
  ),
  insertion as (
    insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, data,
      reply_to_seq, thread_root_seq, mentions, mention_all, attachment_ids, forwarded, count_seq, version, created_at)
    select m.a, m.c, m.last_seq + m.place, m.i, m.s, m.k, decode(m.h, 'hex'), m.t, m.x, m.d,
      m.r, m.u, coalesce(m.m, '{}'), coalesce(m.e, false), coalesce(m.f, '{}'), coalesce(m.w, false), m.base_countable + m.counted, m.base_version + m.place, m.at
    from moved m
  ),
  named as (
    insert into mention (account_id, user_id, conversation_id, seq)
    select m.a, x.id, m.c, m.last_seq + m.place from moved m cross join lateral unnest(m.m) x(id)
  ),
  attached as (
    insert into attachment_use (account_id, attachment_id, conversation_id, seq)
    select m.a, x.id, m.c, m.last_seq + m.place from moved m cross join lateral unnest(m.f) x(id)
  ),
  replied as (
    update message root set reply_count = root.reply_count + y.replies, last_reply_seq = y.last
    from (
      select m.a, m.c, m.u, count(*)::int as replies, max(m.last_seq + m.place) as last
      from moved m where m.u is not null group by m.a, m.c, m.u
    ) y
    where root.account_id = y.a and root.conversation_id = y.c and root.seq = y.u
  ),
  queued as (
    insert into outbox (account_id, id, type, payload)
    select m.a, gen_random_uuid(), 'message.posted',
      jsonb_build_object('conversationId', m.c, 'messageIds', jsonb_agg(m.i order by m.place))
    from moved m where announce group by m.a, m.c
  )
  select m.o, 'stored', m.last_seq + m.place, m.base_version + m.place, m.at, m.base_access,
    case when m.moves and m.place = m.upto then m.base_receipts + 1 end,
    case when m.moves and m.place = m.upto then m.last_seq + m.upto end, null::json
  from moved m
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
  from input r where not r.g = any(held);
end $function$`;

const SIGNATURE = 'append_messages(uuid[], uuid[], json, boolean, boolean)';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`set local role coucou_append`.execute(db);
  await sql.raw(`drop function ${SIGNATURE}`).execute(db);
  await sql`reset role`.execute(db);
  await createDefinerFunction(db, 'coucou_append', SIGNATURE, APPEND);
}
