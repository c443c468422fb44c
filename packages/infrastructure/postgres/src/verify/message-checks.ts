import type { Check } from '../schema/schema-set.ts';
import { inConversation } from './naming.ts';

/**
 * Messages that are trimmed (retention) are deleted in batches behind the move of `conversation.first_seq`, and a root of a thread is kept, emptied,
 * as long as it has replies: what lies below `first_seq` proves nothing, and is left out.
 */
const KEPT = `
  message m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id and m.seq >= c.first_seq`;

const IN_ORDER = 'window in_order as (partition by m.account_id, m.conversation_id order by m.seq)';

export const messageChecks: readonly Check[] = [
  {
    name: 'message-numbers',
    proves: 'the numbers of the messages of a conversation have no gap, from the first that is kept to the last that was given out',
    faults: `
      select k.account_id, ${inConversation('k')} ': message ' || k.seq || ' follows ' || k.before as what
      from (
        select m.account_id, m.conversation_id, m.seq, coalesce(lag(m.seq) over in_order, c.first_seq - 1) as before from ${KEPT} ${IN_ORDER}
      ) k where k.seq <> k.before + 1
      union all
      select h.account_id, ${inConversation('h')} ': its last message is ' || e.newest || ', and the last number that was given out is ' || h.last_seq
      from conversation_head h
      join conversation c on c.account_id = h.account_id and c.id = h.conversation_id
      cross join lateral (
        select coalesce(max(m.seq), c.first_seq - 1) as newest from message m
        where m.account_id = c.account_id and m.conversation_id = c.id and m.seq >= c.first_seq
      ) e where e.newest <> h.last_seq`,
  },
  {
    name: 'countable-messages',
    proves: 'each message, and each conversation, has the number of messages that count as unread up to it',
    faults: `
      select k.account_id, ${inConversation('k')} ': message ' || k.seq || ' counts ' || k.count_seq || ', and should count ' || k.expected as what
      from (
        select m.account_id, m.conversation_id, m.seq, m.count_seq,
          case when m.seq = 1 then 0 when lag(m.seq) over in_order = m.seq - 1 then lag(m.count_seq) over in_order end
            + is_countable(m.type, m.thread_root_seq)::int as expected
        from ${KEPT} ${IN_ORDER}
      ) k where k.count_seq <> k.expected
      union all
      select h.account_id, ${inConversation('h')} ' counts ' || h.countable || ' messages, and its last one ' || m.count_seq
      from conversation_head h
      join message m on m.account_id = h.account_id and m.conversation_id = h.conversation_id and m.seq = h.last_seq
      where m.count_seq <> h.countable`,
  },
  {
    name: 'message-times',
    proves: 'the times of the messages of a conversation never go back, and the conversation has the time of its last one',
    faults: `
      select k.account_id, ${inConversation('k')} ': message ' || k.seq || ' is older than the one before it' as what
      from (
        select m.account_id, m.conversation_id, m.seq, m.created_at, lag(m.created_at) over in_order as before from ${KEPT} ${IN_ORDER}
      ) k where k.created_at < k.before
      union all
      select h.account_id, ${inConversation('h')} ' was active at ' || h.active_at || ', and its last message is of ' || m.created_at
      from conversation_head h
      join message m on m.account_id = h.account_id and m.conversation_id = h.conversation_id and m.seq = h.last_seq
      where m.created_at <> h.active_at`,
  },
  {
    name: 'versions',
    proves: 'no row has a version that its conversation has not given out, no two messages have the same, and every message took one',
    faults: `
      select v.account_id, ${inConversation('v')} ': ' || v.of || ' has version ' || v.version || ', and the conversation ' || h.version as what
      from (
        select account_id, conversation_id, 'message ' || seq as of, version from message
        union all
        select account_id, conversation_id, 'member ' || user_id, greatest(version, joined_version) from member
        union all
        select account_id, id, 'the conversation itself', greatest(changed_version, trimmed_version) from conversation
      ) v
      join conversation_head h on h.account_id = v.account_id and h.conversation_id = v.conversation_id
      where v.version > h.version
      union all
      select m.account_id, ${inConversation('m')} ': message ' || m.seq || ' has version ' || m.version || ', as another has'
      from (
        select account_id, conversation_id, seq, version, lag(version) over (partition by account_id, conversation_id order by version) as before
        from message
      ) m where m.version = m.before
      union all
      select h.account_id, ${inConversation('h')} ' has version ' || h.version || ' after ' || h.last_seq || ' messages'
      from conversation_head h where h.version < h.last_seq
      union all
      select e.account_id, ${inConversation('e')} ': message ' || e.seq || ' was edited in version ' || e.version || ', and has version ' || m.version
      from message_edit e join message m on m.account_id = e.account_id and m.conversation_id = e.conversation_id and m.seq = e.seq
      where e.version > m.version`,
  },
  {
    name: 'threads',
    proves: 'every reply has its thread, which counts its replies and knows the last of them',
    faults: `
      with thread as materialized (
        select account_id, conversation_id, thread_root_seq as seq, count(*) as replies, max(seq) as last_reply_seq from message
        where thread_root_seq is not null group by account_id, conversation_id, thread_root_seq
      )
      select m.account_id, ${inConversation('m')} ': message ' || m.seq || ' counts ' || m.reply_count || ' replies up to ' ||
        coalesce(m.last_reply_seq, 0) || ', and there are ' || coalesce(t.replies, 0) || ' up to ' || coalesce(t.last_reply_seq, 0) as what
      from ${KEPT}
      left join thread t on t.account_id = m.account_id and t.conversation_id = m.conversation_id and t.seq = m.seq
      where m.reply_count <> coalesce(t.replies, 0) or m.last_reply_seq is distinct from t.last_reply_seq
      union all
      select t.account_id, ${inConversation('t')} ': there are replies to message ' || t.seq || ', which is ' ||
        case when m.seq is null then 'not there' else 'a reply itself' end
      from thread t
      join conversation c on c.account_id = t.account_id and c.id = t.conversation_id
      left join message m on m.account_id = t.account_id and m.conversation_id = t.conversation_id and m.seq = t.seq
      where t.last_reply_seq >= c.first_seq and (m.seq is null or m.thread_root_seq is not null)
      union all
      select m.account_id, ${inConversation('m')} ': message ' || m.seq || ' refers to a later one'
      from message m where m.thread_root_seq >= m.seq or m.reply_to_seq >= m.seq`,
  },
  {
    name: 'reactions',
    proves: 'each message counts the people who reacted with each emoji',
    faults: `
      select coalesce(s.account_id, r.account_id) as account_id,
        'conversation ' || coalesce(s.conversation_id, r.conversation_id) || ': message ' || coalesce(s.seq, r.seq) || ' counts ' ||
        coalesce(s.people, 0) || ' reactions with ' || coalesce(s.emoji, r.emoji) || ', and there are ' || coalesce(r.people, 0) as what
      from (
        select m.account_id, m.conversation_id, m.seq, e.key as emoji, e.value::numeric as people
        from message m cross join lateral jsonb_each_text(m.reactions) e where m.reactions <> '{}'
      ) s
      full join (
        select account_id, conversation_id, seq, emoji, count(*) as people from reaction group by account_id, conversation_id, seq, emoji
      ) r on r.account_id = s.account_id and r.conversation_id = s.conversation_id and r.seq = s.seq and r.emoji = s.emoji
      where s.people is distinct from r.people`,
  },
  {
    name: 'mentions',
    proves: 'the mentions that are counted are those that messages have; those of people who were erased may be gone',
    faults: `
      select coalesce(n.account_id, r.account_id) as account_id,
        'conversation ' || coalesce(n.conversation_id, r.conversation_id) || ': message ' || coalesce(n.seq, r.seq) ||
        case when r.seq is null then ' mentions ' else ' does not mention ' end || coalesce(n.user_id, r.user_id) ||
        case when r.seq is null then ', and it is not counted' else ', and it is counted' end as what
      from (
        select m.account_id, m.conversation_id, m.seq, u.user_id from message m cross join lateral unnest(m.mentions) u(user_id)
        where m.mentions <> '{}' and u.user_id <> m.sender_id
      ) n
      full join mention r on r.account_id = n.account_id and r.conversation_id = n.conversation_id and r.seq = n.seq and r.user_id = n.user_id
      left join app_user p on p.account_id = n.account_id and p.id = n.user_id
      where n.seq is null or (r.seq is null and p.deleted_at is null)`,
  },
  {
    name: 'attachments',
    proves: 'the attachments of messages and of scheduled messages are there, and are known to be used',
    faults: `
      select coalesce(n.account_id, r.account_id) as account_id,
        'conversation ' || coalesce(n.conversation_id, r.conversation_id) || ': message ' || coalesce(n.seq, r.seq) || ' and attachment ' ||
        coalesce(n.id, r.attachment_id) || case when r.seq is null then ': the message has it, and is not among its uses'
          else ': the message is among its uses, and does not have it' end as what
      from (
        select m.account_id, m.conversation_id, m.seq, u.id from message m cross join lateral unnest(m.attachment_ids) u(id)
        where m.attachment_ids <> '{}'
      ) n
      full join attachment_use r
        on r.account_id = n.account_id and r.conversation_id = n.conversation_id and r.seq = n.seq and r.attachment_id = n.id
      where n.seq is null or r.seq is null
      union all
      select s.account_id, 'scheduled message ' || s.id || ': there is no attachment ' || u.id
      from scheduled_message s cross join lateral unnest(s.attachment_ids) u(id)
      where not exists (select from attachment a where a.account_id = s.account_id and a.id = u.id)`,
  },
  {
    name: 'search-entries',
    proves: 'what the message search finds is a message that is not deleted, of the person and the time that the entry says',
    faults: `
      select s.account_id, ${inConversation('s')} ': the search entry of message ' || s.seq || ' is ' ||
        case when m.deleted_at is not null then 'of a deleted message' else 'of another person or time' end as what
      from message_search s
      join message m on m.account_id = s.account_id and m.conversation_id = s.conversation_id and m.seq = s.seq
      where m.deleted_at is not null or m.sender_id <> s.sender_id or m.created_at <> s.created_at`,
  },
];
