/**
 * What an import stores beside messages (functions/messages/import-messages.sql). Each `$1` is an array of objects as JSON; the account is the
 * one that is set. Whatever changes a conversation or its members holds the lock of its head (LOCK) first.
 *
 * A membership that waits to be let in has version 0, which no other has, and has ended, so that nobody takes it for a present one.
 * `unread_from_seq` holds what a receipt said of it.
 */

/** $1 conversations. */
export const LOCK = `
  select h.conversation_id from (select id from unnest($1::uuid[]) named(id) order by id) named
  cross join lateral (
    select x.conversation_id from conversation_head x where x.conversation_id = named.id order by x.era desc limit 1 for no key update) h`;

/** Answers those that were added. */
export const ADD_CONVERSATIONS = `
  with given as (
    select * from json_to_recordset($1::json) r(account_id uuid, id uuid, type text, visibility text, title text, description text,
      avatar_url text, custom jsonb, settings jsonb, direct_lower uuid, direct_higher uuid, created_by uuid, created_at timestamptz)
  ),
  added as (
    insert into conversation (account_id, id, type, visibility, title, description, avatar_url, custom, settings, direct_lower, direct_higher,
      created_by, created_at, member_count, changed_version)
    select g.account_id, g.id, g.type, g.visibility, g.title, g.description, g.avatar_url, g.custom, g.settings, g.direct_lower,
      g.direct_higher, g.created_by, g.created_at, 0, 1
    from given g on conflict do nothing returning account_id, id, created_at
  ),
  headed as (
    insert into conversation_head (account_id, conversation_id, last_seq, version, receipts_version, access_version, countable, active_at)
    select a.account_id, a.id, 0, 1, 0, 1, 0, a.created_at from added a
  )
  select id from added`;

/** The direct conversations of pairs: $1 lower, $2 higher. */
export const DIRECTS = `
  select c.id, c.direct_lower, c.direct_higher from unnest($1::uuid[], $2::uuid[]) k(lower, higher)
  join conversation c on c.direct_lower = k.lower and c.direct_higher = k.higher and c.direct_lower is not null`;

/** Those without a time of their own joined when the conversation was made. */
export const ADD_MEMBERS = `
  insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, version, left_at)
  select c.account_id, c.id, g.user_id, g.role, coalesce(g.joined_at, c.created_at), 0, 0, 0, 0, 0, coalesce(g.joined_at, c.created_at)
  from (
    select distinct on (r.conversation_id, r.user_id) r.*
    from json_to_recordset($1::json) r(conversation_id uuid, user_id uuid, role text, joined_at timestamptz)
    order by r.conversation_id, r.user_id
  ) g
  join conversation c on c.id = g.conversation_id and (c.type = 'group' or g.user_id in (c.direct_lower, c.direct_higher))
  where not exists (select from member m where m.account_id = c.account_id and m.conversation_id = c.id and m.user_id = g.user_id)`;

/** What is new of them, and the counts that follow, with a version for each message that changed. */
export const ADD_REACTIONS = `
  with given as (
    select distinct on (r.message_id, r.user_id, r.emoji) r.*
    from json_to_recordset($1::json) r(conversation_id uuid, message_id uuid, user_id uuid, emoji text, created_at timestamptz)
    order by r.message_id, r.user_id, r.emoji, r.created_at
  ),
  added as (
    insert into reaction (account_id, conversation_id, seq, user_id, emoji, created_at)
    select x.account_id, x.conversation_id, x.seq, g.user_id, g.emoji, g.created_at
    from given g
    cross join lateral (
      select m.* from message m where m.id = g.message_id and m.id is not null and m.conversation_id = g.conversation_id limit 1) x
    where x.deleted_at is null
    on conflict do nothing returning account_id, conversation_id, seq, emoji
  ),
  counted as (
    select a.account_id, a.conversation_id, a.seq, a.emoji, count(*) as people from added a group by 1, 2, 3, 4
  ),
  changed as (
    select c.account_id, c.conversation_id, c.seq, jsonb_object_agg(c.emoji, c.people) as more,
      row_number() over (partition by c.conversation_id order by c.seq) as place
    from counted c group by 1, 2, 3
  ),
  stored as (
    update message m set
      reactions = (
        select jsonb_object_agg(k.emoji, coalesce((m.reactions->>k.emoji)::int, 0) + coalesce((d.more->>k.emoji)::int, 0))
        from (select jsonb_object_keys(m.reactions) union select jsonb_object_keys(d.more)) k(emoji)),
      version = d.version
    from (
      select c.*, h.version + c.place as version from changed c cross join lateral (
        select x.version from conversation_head x
        where x.account_id = c.account_id and x.conversation_id = c.conversation_id order by x.era desc limit 1) h
    ) d
    where m.account_id = d.account_id and m.conversation_id = d.conversation_id and m.seq = d.seq
  ),
  headed as (
    update conversation_head h set version = h.version + d.messages
    from (select c.account_id, c.conversation_id, count(*) as messages from changed c group by 1, 2) d
    cross join lateral (
      select x.ctid as place from conversation_head x
      where x.account_id = d.account_id and x.conversation_id = d.conversation_id order by x.era desc limit 1) newest
    where h.ctid = newest.place
  )
  select coalesce(sum(people), 0)::int as added from counted`;

/** Of members who wait. Answers what is to be marked of the others, as \`mark_receipts\` takes it. */
export const SET_RECEIPTS = `
  with given as (
    select r.conversation_id, r.user_id, coalesce((
      select m.seq from message m where m.id = r.message_id and m.id is not null and m.conversation_id = r.conversation_id limit 1), 0) as seq
    from json_to_recordset($1::json) r(conversation_id uuid, user_id uuid, message_id uuid)
  ),
  waiting as (
    update member m set unread_from_seq = g.seq + 1 from given g
    where m.conversation_id = g.conversation_id and m.user_id = g.user_id and m.version = 0 and m.left_at is not null
  )
  select g.conversation_id, g.user_id, max(g.seq) as read_seq from given g group by 1, 2`;

/** $1 batch. */
export const MARK_RECEIPTS = 'select count(*) from mark_receipts($1::json)';

/** $1 conversations. */
export const WAITING = `
  select id from unnest($1::uuid[]) named(id)
  where exists (select from member m where m.conversation_id = named.id and m.version = 0 and m.left_at is not null)`;

/**
 * $1 conversation. Marks begin at the end, or where a receipt put them; unread is counted from there as the product counts it. Where the
 * group would have no owner, it is who made it, or else the member of the highest role who came first.
 */
export const ADMIT = `
  with head as materialized (
    select c.account_id, c.id, c.type, c.created_by, h.last_seq, h.version + 1 as version, h.countable, h.place
    from conversation c cross join lateral (
      select x.*, x.ctid as place from conversation_head x
      where x.account_id = c.account_id and x.conversation_id = c.id order by x.era desc limit 1) h
    where c.id = $1
  ),
  waiting as materialized (
    select m.*, m.ctid as place, h.version as new_version, h.last_seq, h.countable,
      coalesce(m.unread_from_seq - 1, h.last_seq) as to_read,
      h.type = 'group' and row_number() over (order by m.user_id <> h.created_by,
        array_position(array['owner', 'admin', 'moderator', 'member'], m.role), m.joined_at, m.user_id) = 1
        and not bool_or(m.role = 'owner') over ()
        and not exists (
          select from member o where o.account_id = m.account_id and o.conversation_id = m.conversation_id and o.role = 'owner' and o.left_at is null
        ) as becomes_owner
    from head h join member m on m.account_id = h.account_id and m.conversation_id = h.id and m.version = 0 and m.left_at is not null
  ),
  let_in as (
    update member m set
      role = case when w.becomes_owner then 'owner' else w.role end,
      joined_seq = coalesce((
        select x.seq from message x
        where x.account_id = w.account_id and x.conversation_id = w.conversation_id and x.created_at < w.joined_at
        order by x.created_at desc, x.seq desc limit 1), 0),
      joined_version = w.new_version, version = w.new_version, left_at = null, unread_from_seq = null,
      read_seq = w.to_read, delivered_seq = w.last_seq,
      unread_base = case when w.to_read = w.last_seq then w.countable else coalesce((
        select x.count_seq from message x
        where x.account_id = w.account_id and x.conversation_id = w.conversation_id and x.seq = w.to_read), 0) end,
      own_since = case when w.to_read = w.last_seq then 0
        else count_own(w.account_id, w.conversation_id, w.user_id, w.to_read, w.last_seq) end
    from waiting w where m.ctid = w.place
    returning m.user_id
  ),
  counted as (
    update conversation c set member_count = c.member_count + l.people, changed_version = h.version
    from head h, (select count(*)::int as people from let_in) l
    where c.account_id = h.account_id and c.id = h.id and l.people > 0
  ),
  headed as (
    update conversation_head x set version = h.version, access_version = x.access_version + 1
    from head h, (select count(*) as people from let_in) l
    where x.ctid = h.place and l.people > 0
  ),
  told as (
    insert into outbox (account_id, id, type, payload)
    select h.account_id, gen_random_uuid(), 'conversation.imported', jsonb_build_object('conversationId', h.id, 'version', h.version)
    from head h, (select count(*) as people from let_in) l where l.people > 0
  )
  select count(*)::int as people from let_in`;
