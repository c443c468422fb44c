import type { ReceiptReader } from '@coucou/application/receipts/receipt-reader';
import { asId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import { z } from 'zod';
import { headOf } from '../conversations/conversation-head.ts';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { marksShown, notHidden, readShown } from '../messages/message-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** The marks of `m`, as visible to `viewer`. */
export const receiptColumns = (m: string, viewer: string): string => `
  ${m}.user_id, case when ${marksShown(m, viewer)} then ${m}.delivered_seq else 0 end as delivered_seq, case when ${readShown(m, viewer)} then ${m}.read_seq else 0 end as read_seq`;

export type ReceiptRow = Readonly<{ user_id: string; delivered_seq: number; read_seq: number }>;
export const toReceipt = (row: ReceiptRow): Receipt => ({
  userId: asId(row.user_id),
  deliveredSeq: row.delivered_seq,
  readSeq: row.read_seq,
});

/** $1 conversation, $2 viewer, $3 the person after whom, $4 limit. */
const LIST = `
  select h.receipts_version, x.* from conversation c
  cross join lateral ${headOf('c.account_id', 'c.id')} h
  join member v on v.account_id = c.account_id and v.conversation_id = c.id and v.user_id = $2 and v.left_at is null
  left join lateral (
    select ${receiptColumns('m', '$2')} from member m
    where m.account_id = c.account_id and m.conversation_id = c.id and m.left_at is null and ($3::uuid is null or m.user_id > $3)
    order by m.user_id limit $4
  ) x on true
  where c.id = $1
  order by x.user_id`;

/** $1 message, $2 viewer. Excludes members who joined after the message, whose marks begin beyond it. */
const READERS = `
  select x.seq, c.member_count, y.* from message x
  join conversation c on c.account_id = x.account_id and c.id = x.conversation_id
  join member m on m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = $2 and m.left_at is null
  cross join lateral (
    select count(*)::int as members, count(*) filter (where r.delivered_seq >= x.seq)::int as delivered, count(*) filter (where r.read_seq >= x.seq)::int as read,
      array_agg(r.user_id::text order by r.user_id) filter (where r.delivered_seq >= x.seq) as delivered_to,
      array_agg(r.user_id::text order by r.user_id) filter (where r.read_seq >= x.seq) as read_by
    from (
      select ${receiptColumns('o', '$2')} from member o
      where o.account_id = x.account_id and o.conversation_id = x.conversation_id and o.left_at is null and o.joined_at is not null and o.user_id <> x.sender_id and o.joined_seq < x.seq
    ) r
  ) y
  where x.id = $1 and x.seq > ${HISTORY_FLOOR} and ${notHidden('x', '$2')}`;

type ReadersRow = Readonly<{
  member_count: number;
  members: number;
  delivered: number;
  read: number;
  delivered_to: readonly string[] | null;
  read_by: readonly string[] | null;
}>;

export function createReceiptReader(pool: SessionPool): ReceiptReader {
  return {
    async list(account, viewer, conversation, { limit, cursor }) {
      const [after] = cursor === undefined ? [null] : decodeCursor('receipts', z.tuple([z.uuid()]), cursor);
      type Row = { receipts_version: number } & (ReceiptRow | { user_id: null });
      const rows = await readOnce<Row>(pool, account, LIST, [conversation, viewer, after, limit + 1], 'receipt-list');
      const [first] = rows;
      if (first === undefined) return undefined;
      const members = rows.filter((row): row is Row & ReceiptRow => row.user_id !== null);
      const items = members.slice(0, limit);
      const last = items.at(-1);
      const nextCursor = members.length > limit && last ? encodeCursor('receipts', [last.user_id]) : undefined;
      return { receiptsVersion: first.receipts_version, items: items.map(toReceipt), nextCursor };
    },

    async readers(account, viewer, message) {
      const [row] = await readOnce<ReadersRow>(pool, account, READERS, [message, viewer], 'message-readers');
      if (row === undefined) return undefined;
      const { members, delivered, read } = row;
      const named = (ids: readonly string[] | null) =>
        row.member_count > limits.individualReceipts ? undefined : (ids ?? []).map((id) => asId<'user'>(id));
      return { members, delivered, read, readBy: named(row.read_by), deliveredTo: named(row.delivered_to) };
    },
  };
}
