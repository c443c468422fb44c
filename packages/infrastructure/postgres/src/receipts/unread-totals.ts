import type { ChangedMentions, UnreadTotal } from '@coucou/application/ports/receipt-log';
import { type AccountId, asId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { headOf } from '../conversations/conversation-head.ts';
import { HISTORY_FLOOR, READ_MARK, UNREAD, UNREAD_MENTIONS } from '../conversations/conversation-reader.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

type TotalRow = Readonly<{
  user_id: string;
  conversation_id: string;
  total: number;
  mentions: number;
  messages: number | null;
  unread_from_seq: number | null;
}>;

/**
 * What people have not read, over all of their conversations that are not archived. Each conversation is read once, however many of
 * these people are in it: its counters, and where somebody was named last, so that nothing is asked for those who read on beyond that.
 * `offset 0`: what is added up is small, and not sorted with all that it was made from. $1 people, who may
 * be there repeatedly, $2 for each a conversation that changed.
 */
const TOTALS = `
  with mine as materialized (
    select m.* from (select distinct id from unnest($1::uuid[]) asked(id)) u
    cross join lateral (
      select account_id, user_id, conversation_id, unread_base, own_since, unread_from_seq, read_seq, joined_seq
      from member where user_id = u.id and left_at is null and not archived
      offset 0
    ) m
  ),
  theirs as materialized (
    select o.id, h.countable, h.last_seq, o.first_seq, o.settings, (
      select x.seq from message x where x.account_id = o.account_id and x.conversation_id = o.id and (x.mention_all or x.mentions <> '{}')
      order by x.seq desc limit 1) as named_seq
    from conversation o cross join lateral ${headOf('o.account_id', 'o.id')} h
    where o.id = any(array(select distinct conversation_id from mine))
  )
  select u.user_id, u.conversation_id, coalesce(s.total, 0) as total, coalesce(s.mentions, 0) as mentions, here.messages, here.unread_from_seq
  from unnest($1::uuid[], $2::uuid[]) u(user_id, conversation_id)
  left join (
    select user_id, sum(messages)::bigint as total, sum(mentions)::bigint as mentions
    from (
      select m.user_id, greatest(${UNREAD}, 0) as messages,
        case when c.named_seq > ${READ_MARK} then ${UNREAD_MENTIONS} else 0 end as mentions
      from mine m join theirs c on c.id = m.conversation_id
      offset 0
    ) t
    where messages > 0 or mentions > 0
    group by user_id
  ) s on s.user_id = u.user_id
  left join lateral (
    select greatest(${UNREAD}, 0) as messages, m.unread_from_seq
    from (select * from member o where o.conversation_id = u.conversation_id and o.user_id = u.user_id and o.left_at is null limit 1) m
    cross join lateral ${headOf('m.account_id', 'm.conversation_id')} c
  ) here on true`;

/**
 * The members who have a message unread that they did not send: $1 conversation, $2 seq. Those named ($3) are looked up by key,
 * since a group may have thousands.
 */
const unreadBy = (whom: string): string => `
  select m.user_id
  from conversation c
  join message x on x.account_id = c.account_id and x.conversation_id = c.id and x.seq = $2
  join member m on m.account_id = c.account_id and m.conversation_id = c.id and m.left_at is null and m.user_id <> x.sender_id
  where c.id = $1 and c.deleted_at is null and ${whom} and x.seq > ${READ_MARK} and x.seq > ${HISTORY_FLOOR}`;
const NAMED_UNREAD = unreadBy('m.user_id = any($3::uuid[])');
const EVERYONE_UNREAD = unreadBy(`c.member_count <= ${limits.notifications.everyone}`);

/** `changed`: people, each with a conversation in which something changed. */
export async function readTotals(
  pool: SessionPool,
  account: AccountId,
  changed: readonly (readonly [UserId, ConversationId])[],
): Promise<UnreadTotal[]> {
  const [people, conversations] = [changed.map(([userId]) => userId), changed.map(([, conversationId]) => conversationId)];
  const rows = await readOnce<TotalRow>(pool, account, TOTALS, [people, conversations], 'unread-totals');
  return rows.map(({ user_id, conversation_id, total, mentions, messages, unread_from_seq }) => ({
    userId: asId(user_id),
    total,
    mentions,
    conversationId: asId(conversation_id),
    messages: messages ?? undefined,
    unreadFromSeq: unread_from_seq ?? undefined,
  }));
}

export async function readUnreadBy(
  pool: SessionPool,
  account: AccountId,
  { conversationId, seq, named, everyone }: ChangedMentions,
): Promise<UserId[]> {
  const ask = (text: string, name: string, ...more: unknown[]) =>
    readOnce<{ user_id: string }>(pool, account, text, [conversationId, seq, ...more], name);
  const rows = [
    ...(named.length === 0 ? [] : await ask(NAMED_UNREAD, 'unread-by-named', named)),
    ...(everyone ? await ask(EVERYONE_UNREAD, 'unread-by-everyone') : []),
  ];
  return rows.map((row) => asId(row.user_id));
}
