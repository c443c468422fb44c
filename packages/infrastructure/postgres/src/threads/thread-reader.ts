import type { Thread, ThreadReader } from '@coucou/application/threads/thread-reader';
import { type AccountId, asId, type ConversationId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type MessageRow, messageSelect, notHidden, previewFor, toMessage } from '../messages/message-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** `x` is the root, `t` the viewer's mark, `a` the viewer's membership. */
const THREAD = `${messageSelect('x', '$2', previewFor('$2', 'a.floor'))}, x.reply_count, coalesce(x.last_reply_seq, 0) as last_reply_seq,
  coalesce(t.read_seq, 0) as thread_read_seq, (
    select count(*)::int from (
      select from message r where r.account_id = x.account_id and r.conversation_id = x.conversation_id and r.thread_root_seq = x.seq
        and r.seq > greatest(coalesce(t.read_seq, 0), a.joined_seq) and r.sender_id <> $2
      limit ${limits.threadUnread}) n
  ) as thread_unread`;

const MARK =
  'left join thread_mark t on t.account_id = x.account_id and t.user_id = $2 and t.conversation_id = x.conversation_id and t.root_seq = x.seq';

/** $1 conversation, $2 viewer, $3 last replied to before, $4 limit. */
const LIST = `
  with a as (
    select c.account_id, c.id, m.joined_seq, ${HISTORY_FLOOR} as floor
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.conversation_id = $1 and m.user_id = $2 and m.left_at is null
  )
  select ${THREAD} from a left join lateral (
    select * from message x where x.account_id = a.account_id and x.conversation_id = a.id and x.last_reply_seq is not null
      and x.seq > a.floor and ${notHidden('x', '$2')} and ($3::bigint is null or x.last_reply_seq < $3)
    order by x.last_reply_seq desc limit $4
  ) x on true ${MARK}
  order by x.last_reply_seq desc`;

/** $1 root, $2 viewer. */
const FIND = `
  select ${THREAD}, x.conversation_id, a.floor from message x cross join lateral (
    select m.joined_seq, ${HISTORY_FLOOR} as floor
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = $2 and m.left_at is null
  ) a ${MARK}
  where x.id = $1 and x.thread_root_seq is null and x.seq > a.floor and ${notHidden('x', '$2')}`;

/** $1 conversation, $2 viewer, $3 root, $4 after, $5 limit, $6 floor. */
const REPLIES = `
  select ${messageSelect('x', '$2', previewFor('$2', '$6::bigint'))} from message x
  where x.conversation_id = $1 and x.thread_root_seq = $3 and x.seq > greatest($4::bigint, $6::bigint) and ${notHidden('x', '$2')}
  order by x.seq limit $5`;

type ThreadRow = MessageRow & Readonly<{ reply_count: number; last_reply_seq: number; thread_read_seq: number; thread_unread: number }>;

const toThread = (row: ThreadRow, account: AccountId, conversation: ConversationId): Thread => ({
  root: toMessage(row, account, conversation),
  replyCount: row.reply_count,
  lastReplySeq: row.last_reply_seq,
  readSeq: row.thread_read_seq,
  unread: row.thread_unread,
});

const placeKey = z.tuple([z.int()]);

export function createThreadReader(pool: SessionPool): ThreadReader {
  return {
    async list(account, viewer, conversation, { limit, cursor }) {
      const [before] = cursor === undefined ? [null] : decodeCursor('threads', placeKey, cursor);
      const rows = await readOnce<ThreadRow>(pool, account, LIST, [conversation, viewer, before, limit + 1], 'thread-list');
      if (rows.length === 0) return undefined;
      const threads = rows.filter((row) => row.id !== null);
      const items = threads.slice(0, limit);
      const last = items.at(-1);
      const nextCursor = threads.length > limit && last ? encodeCursor('threads', [last.last_reply_seq]) : undefined;
      return { items: items.map((row) => toThread(row, account, conversation)), nextCursor };
    },

    async find(account, viewer, root, { limit, cursor }) {
      const [after] = cursor === undefined ? [0] : decodeCursor('replies', placeKey, cursor);
      const [found] = await readOnce<ThreadRow & { conversation_id: string; floor: number }>(
        pool,
        account,
        FIND,
        [root, viewer],
        'thread-find',
      );
      if (found === undefined) return undefined;
      const conversation = asId<'conversation'>(found.conversation_id);
      const params = [conversation, viewer, found.seq, after, limit + 1, found.floor];
      const rows = await readOnce<MessageRow>(pool, account, REPLIES, params, 'thread-replies');
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const nextCursor = rows.length > limit && last ? encodeCursor('replies', [last.seq]) : undefined;
      return {
        ...toThread(found, account, conversation),
        replies: { items: items.map((row) => toMessage(row, account, conversation)), nextCursor },
      };
    },
  };
}
