import type { Check } from '../schema/schema-set.ts';
import { inConversation } from './naming.ts';

export const memberChecks: readonly Check[] = [
  {
    name: 'conversations',
    proves: 'every conversation has one head, nobody is twice in one, and a direct one is of its two people',
    faults: `
      select c.account_id, 'conversation ' || c.id || ' has ' || count(h.era) || ' heads' as what
      from conversation c left join conversation_head h on h.account_id = c.account_id and h.conversation_id = c.id
      group by c.account_id, c.id having count(h.era) <> 1
      union all
      select account_id, ${inConversation('member')} ' has ' || user_id || ' ' || count(*) || ' times'
      from member group by account_id, conversation_id, user_id having count(*) > 1
      union all
      select c.account_id, 'the direct conversation ' || c.id || ' is of other people than its members'
      from conversation c
      left join member m on m.account_id = c.account_id and m.conversation_id = c.id and m.user_id in (c.direct_lower, c.direct_higher)
      where c.type = 'direct' group by c.account_id, c.id having count(distinct m.user_id) <> 2
      union all
      select m.account_id, 'the direct conversation ' || c.id || ' has ' || m.user_id || ' as a third'
      from conversation c join member m on m.account_id = c.account_id and m.conversation_id = c.id
      where c.type = 'direct' and m.user_id not in (c.direct_lower, c.direct_higher)`,
  },
  {
    name: 'member-counts',
    proves: 'every conversation counts the members that it has',
    faults: `
      select c.account_id, 'conversation ' || c.id || ' counts ' || c.member_count || ' members, and has ' || coalesce(m.present, 0) as what
      from conversation c
      left join (
        select account_id, conversation_id, count(*) as present from member where left_at is null group by account_id, conversation_id
      ) m on m.account_id = c.account_id and m.conversation_id = c.id
      where c.member_count <> coalesce(m.present, 0)`,
  },
  {
    name: 'marks',
    proves: 'nobody has read, received or joined at more than there is',
    faults: `
      select m.account_id, ${inConversation('m')} ': the marks of ' || m.user_id || ' pass its last message or its receipts' as what
      from member m join conversation_head h on h.account_id = m.account_id and h.conversation_id = m.conversation_id
      where greatest(m.delivered_seq, m.joined_seq, m.unread_from_seq) > h.last_seq or m.receipts_at > h.receipts_version
      union all
      select t.account_id, ${inConversation('t')} ': ' || t.user_id || ' has read the thread ' || t.root_seq || ' up to ' || t.read_seq
      from thread_mark t join conversation_head h on h.account_id = t.account_id and h.conversation_id = t.conversation_id
      where t.read_seq > h.last_seq`,
  },
  {
    name: 'unread-counts',
    proves: 'what counts as unread for a member is what comes after their mark and is not their own',
    // The members' own messages are counted by one pass over all messages and marks, from the newest back. Of a mark whose message is not there, which
    // another check finds, nothing can be said.
    faults: `
      with present as materialized (
        select m.account_id, m.conversation_id, m.user_id, m.unread_base, m.own_since, read_mark(m.unread_from_seq, m.read_seq) as mark
        from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
        where m.left_at is null and c.deleted_at is null
      ),
      passed as (
        select s.*, count(*) filter (where s.base is null)
          over (partition by s.account_id, s.conversation_id, s.user_id order by s.seq desc, s.base is null) as own
        from (
          select account_id, conversation_id, user_id, mark as seq, unread_base as base, own_since from present
          union all
          select account_id, conversation_id, sender_id, seq, null, null from message where is_countable(type, thread_root_seq)
        ) s
      )
      select p.account_id, ${inConversation('p')} ': for ' || p.user_id || ' ' || unread_messages(h.countable, p.base, p.own_since) ||
        ' messages are unread after ' || p.seq || ', and there are ' || unread_messages(h.countable, e.base, p.own) as what
      from passed p
      join conversation c on c.account_id = p.account_id and c.id = p.conversation_id
      join conversation_head h on h.account_id = p.account_id and h.conversation_id = p.conversation_id
      left join message x on x.account_id = p.account_id and x.conversation_id = p.conversation_id and x.seq = greatest(p.seq, c.first_seq)
      cross join lateral (
        select case when p.seq >= h.last_seq then h.countable when p.seq >= c.first_seq then x.count_seq
          else x.count_seq - is_countable(x.type, x.thread_root_seq)::int end as base
      ) e
      where p.base is not null and e.base is not null and (p.base <> e.base or p.own_since <> p.own)`,
  },
];
