import type { HistoryRequest, MessageReader, Place } from '@coucou/application/messages/message-reader';
import type { Selectable } from 'kysely';
import { HISTORY_FLOOR } from './conversation-reader.ts';
import { messageColumns, toMessage } from './rows.ts';
import type { SessionPool } from './session.ts';
import type { MessageTable } from './tables.ts';
import { readOnce } from './unit-of-work.ts';

/**
 * One statement: who may see what, where the page lies, and the page. `seq` has no gaps, so a page is a range of the primary key,
 * whatever its depth. $1 conversation, $2 viewer, $3 which side, $4 a seq or $5 a time, $6 limit.
 */
const HISTORY = `
  with access as (
    select c.account_id, c.last_seq, ${HISTORY_FLOOR} as floor
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.conversation_id = $1 and m.user_id = $2 and m.left_at is null
  ),
  place as materialized (
    select a.*, case
      when $4::bigint is not null then $4::bigint
      when $5::timestamptz is null then a.last_seq + 1
      when $3 = 'after' then (select coalesce(max(t.seq), 0) from (
        select t.seq from message t where t.account_id = a.account_id and t.conversation_id = $1 and t.created_at <= $5
        order by t.created_at desc, t.seq desc limit 1) t)
      else (select coalesce(min(t.seq), a.last_seq + 1) from (
        select t.seq from message t where t.account_id = a.account_id and t.conversation_id = $1 and t.created_at >= $5
        order by t.created_at, t.seq limit 1) t)
    end as at from access a
  ),
  lowest as (
    select p.*, case $3 when 'after' then greatest(p.at, p.floor) + 1 when 'around' then
        greatest(p.floor + 1, least(p.at, p.last_seq + 1) - $6::int / 2)
      else greatest(p.floor + 1, least(p.at, p.last_seq + 1) - $6::int) end as low
    from place p
  ),
  -- Materialized, and nothing computed beside the columns of message: under row-level security only a bare comparison with a
  -- leakproof operator becomes a condition on the index; anything else reads the conversation from end to end.
  bounds as materialized (
    select l.*, case when $3 = 'before' then least(l.at, l.low + $6::int) else l.low + $6::int end as high from lowest l
  )
  select b.last_seq, b.floor, b.at, ${messageColumns.map((column) => column.replace('message.', 'x.')).join(', ')}
  from bounds b left join lateral (
    select * from message x
    where x.account_id = b.account_id and x.conversation_id = $1 and x.seq >= b.low and x.seq < b.high
    order by x.seq
  ) x on true
  order by x.seq`;

type HistoryRow = Readonly<{ last_seq: number; floor: number; at: number }> & Selectable<MessageTable>;

function sideOf(request: HistoryRequest): readonly [side: 'before' | 'after' | 'around', place: Place | undefined] {
  if ('after' in request) return ['after', request.after];
  if ('around' in request) return ['around', request.around];
  return ['before', request.before];
}

export function createMessageReader(pool: SessionPool): MessageReader {
  return {
    async history(account, viewer, conversation, request) {
      const [side, place] = sideOf(request);
      const seq = typeof place === 'number' ? place : null;
      const time = place instanceof Date ? place : null;
      const params = [conversation, viewer, side, seq, time, request.limit];
      const rows = await readOnce<HistoryRow>(pool, account, HISTORY, params, 'history');
      const [first] = rows;
      if (first === undefined) return undefined;
      const items = rows.filter((row) => row.id !== null).map(toMessage);
      // An empty page lies where its first message would.
      const lowest = items[0]?.seq ?? Math.min(side === 'after' ? first.at + 1 : first.at, first.last_seq + 1);
      const highest = items.at(-1)?.seq ?? Math.max(lowest - 1, 0);
      return { items, hasBefore: lowest > first.floor + 1, hasAfter: Math.max(highest, first.floor) < first.last_seq };
    },
  };
}
