import type { MessageQuery, MessageSearchReader } from '@coucou/application/messages/message-search-reader';
import { asId } from '@coucou/domain/kernel/ids';
import { z } from 'zod';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import { lexeme } from '../kit/lexeme.ts';
import { hasMark, senderMark } from './message-index-repository.ts';
import { type MessageRow, messageSelect, notHidden, toMessage } from './message-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** The message replied to may lie before the viewer joined, or be hidden. */
const SEEN_REPLY = `${notHidden('o', '$2')} and o.seq > (
  select ${HISTORY_FLOOR} from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
  where m.account_id = o.account_id and m.conversation_id = o.conversation_id and m.user_id = $2 and m.left_at is null)`;

/**
 * A lateral lookup per row by key: the planner has no estimate for the function and would scan the whole table for a few rows.
 * $1 account, $2 viewer, $3 grams and marks, $4 terms, $5 conversation, $6 before, $7 after, $8–$10 the place to go on from,
 * $11 limit.
 */
export const SEARCH_SQL = `
  select s.conversation_id as at_conversation, s.seq as at_seq, s.created_at as at, s.unfinished, ${messageSelect('x', '$2', SEEN_REPLY)}
  from search_messages($1, $2, $3::tsquery, $4::text[], $5, $6, $7, $8, $9, $10, $11) s
  left join lateral (
    select * from message x
    where x.account_id = $1 and x.conversation_id = s.conversation_id and x.seq = s.seq and x.deleted_at is null limit 1
  ) x on not s.unfinished
  where s.unfinished or x.id is not null
  order by s.created_at desc, s.conversation_id desc, s.seq desc`;

/** Where a message was found or, `unfinished`, from where a search goes on that looked at as much as one page may. */
type Place = Readonly<{ at_conversation: string; at_seq: number; at: Date; unfinished: boolean }>;
const placeKey = z.tuple([moment, z.uuid(), z.int()]);

function wordsOf({ grams, from, has }: MessageQuery): string {
  const marks = [from === undefined ? [] : senderMark(from), has === undefined ? [] : hasMark(has)].flat();
  return [...marks, ...grams].map(lexeme).join(' & ');
}

export function createMessageSearchReader(pool: SessionPool): MessageSearchReader {
  return {
    async search(account, viewer, search, { limit, cursor }) {
      const [at, conversation, seq] = cursor === undefined ? [null, null, null] : decodeCursor('search', placeKey, cursor);
      const scope = [search.conversationId ?? null, search.before ?? null, search.after ?? null];
      const params = [account, viewer, wordsOf(search), search.terms, ...scope, at, conversation, seq, limit + 1];
      const rows = await readOnce<Place & MessageRow>(pool, account, SEARCH_SQL, params, 'message-search');
      const found = rows.filter((row) => !row.unfinished);
      const last = found.length > limit ? found[limit - 1] : rows.find((row) => row.unfinished);
      return {
        items: found.slice(0, limit).map((row) => toMessage(row, account, asId(row.at_conversation))),
        nextCursor: last && encodeCursor('search', [last.at.toISOString(), last.at_conversation, last.at_seq]),
      };
    },
  };
}
