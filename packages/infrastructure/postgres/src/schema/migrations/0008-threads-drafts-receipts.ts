import { type Kysely, sql } from 'kysely';
import { forceIsolation } from './isolation.ts';

/**
 * Takes in read and delivered marks of many people at once, in the account that is set: two statements, so that the second sees what
 * others committed while the first waited for its locks. A mark never goes back and never passes the newest message. `receipts_version`
 * grows once per conversation in which any mark moved; reading takes back "mark unread". What is unread is counted anew from the new
 * mark: of one's own messages, whichever side of it is shorter.
 *
 * `batch` rows: c conversation, u user, d delivered, r read; at most one for each conversation and user. Answers those who are members.
 */
const MARK_RECEIPTS = `
create function mark_receipts(batch json)
returns table (
  conversation_id uuid, user_id uuid, delivered_seq bigint, read_seq bigint, moved boolean, recounted boolean,
  receipts_version bigint, member_count integer, unread bigint, shown boolean, across uuid[]
)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $function$
#variable_conflict use_column
declare
  named uuid[] := array(select distinct r.c from json_to_recordset(batch) as r(c uuid));
begin
  perform from conversation cv where cv.id = any(named) order by cv.id for no key update;

  return query
  with given as (
    select m.account_id, m.conversation_id, m.user_id, m.delivered_seq, m.read_seq, m.unread_from_seq, m.unread_base, m.own_since,
      cv.last_seq, cv.countable, cv.receipts_version, cv.member_count,
      greatest(m.read_seq, least(coalesce(i.r, 0), cv.last_seq)) as to_read,
      greatest(m.delivered_seq, least(greatest(coalesce(i.d, 0), coalesce(i.r, 0)), cv.last_seq)) as to_delivered,
      i.r is not null and coalesce(m.unread_from_seq <= least(i.r, cv.last_seq), false) as takes_back
    from json_to_recordset(batch) as i(c uuid, u uuid, d bigint, r bigint)
    join conversation cv on cv.id = i.c and cv.deleted_at is null
    join member m on m.account_id = cv.account_id and m.conversation_id = cv.id and m.user_id = i.u and m.left_at is null
  ),
  -- Materialized: under row-level security only a bare comparison becomes a condition on an index; with the expressions of the marks
  -- inlined, each would read the conversation from its beginning.
  judged as materialized (
    select g.*, g.to_read > g.read_seq or g.to_delivered > g.delivered_seq as moves, g.to_read > g.read_seq or g.takes_back as recounts from given g
  ),
  counted as (
    select j.*,
      case when not j.recounts then j.unread_base when j.to_read = j.last_seq then j.countable
        else coalesce((
          select x.count_seq from message x where x.account_id = j.account_id and x.conversation_id = j.conversation_id and x.seq = j.to_read), 0)
      end as base,
      case when not j.recounts then j.own_since when j.to_read = j.last_seq then 0
        when j.unread_from_seq is null and j.to_read - j.read_seq < j.last_seq - j.to_read then j.own_since - (
          select count(*) from message x where x.account_id = j.account_id and x.conversation_id = j.conversation_id
            and x.seq > j.read_seq and x.seq <= j.to_read and x.sender_id = j.user_id and x.type <> 'system' and x.thread_root_seq is null)
        else (
          select count(*) from message x where x.account_id = j.account_id and x.conversation_id = j.conversation_id
            and x.seq > j.to_read and x.sender_id = j.user_id and x.type <> 'system' and x.thread_root_seq is null)
      end as own
    from judged j
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

/** How far a person has read each thread, what they have not sent yet, and the marks of many at once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table thread_mark (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      root_seq bigint not null,
      read_seq bigint not null,
      primary key (account_id, user_id, conversation_id, root_seq),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, conversation_id, root_seq) references message
    )`.execute(db);
  // Serves the list of threads, the one last replied to first.
  await sql`create index message_threads on message (account_id, conversation_id, last_reply_seq) where last_reply_seq is not null`.execute(
    db,
  );

  await sql`
    create table draft (
      account_id uuid not null,
      user_id uuid not null,
      conversation_id uuid not null,
      content text not null,
      reply_to_id uuid,
      updated_at timestamptz not null,
      primary key (account_id, user_id, conversation_id),
      foreign key (account_id, user_id) references app_user,
      foreign key (account_id, conversation_id) references conversation
    )`.execute(db);

  for (const table of ['thread_mark', 'draft']) await forceIsolation(db, table);
  await sql`grant select, insert, update on thread_mark to coucou_app`.execute(db);
  await sql`grant select, insert, update, delete on draft to coucou_app`.execute(db);

  await sql.raw(MARK_RECEIPTS).execute(db);
  await sql`revoke all on function mark_receipts(json) from public`.execute(db);
  await sql`grant execute on function mark_receipts(json) to coucou_app`.execute(db);
}
