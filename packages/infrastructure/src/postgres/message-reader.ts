import type { HistoryRequest, MessageReader, Place } from '@coucou/application/messages/message-reader';
import { asId } from '@coucou/domain/kernel/ids';
import { HISTORY_FLOOR } from './conversation-reader.ts';
import {
  ATTACHMENT_JSON,
  type AttachmentJson,
  type MessageRow,
  messageSelect,
  REPLY_JSON,
  type ReplyJson,
  toAttachmentSummary,
  toMessage,
  toReplyPreview,
} from './rows.ts';
import type { SessionPool } from './session.ts';
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
  place as (
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
  bounds as (
    select p.*, case $3 when 'after' then greatest(p.at, p.floor) + 1 when 'around' then greatest(p.floor + 1, p.at - $6::int / 2)
      else greatest(p.floor + 1, least(p.at, p.last_seq + 1) - $6::int) end as low
    from place p
  )
  select b.last_seq, b.floor, b.at, ${messageSelect('x', '$2')}
  from bounds b left join lateral (
    select * from message x
    where x.account_id = b.account_id and x.conversation_id = $1 and x.seq >= b.low
      and x.seq < case when $3 = 'before' then least(b.at, b.low + $6::int) else b.low + $6::int end
    order by x.seq
  ) x on true
  order by x.seq`;

type HistoryRow = Readonly<{ last_seq: number; floor: number; at: number }> & MessageRow;

function sideOf(request: HistoryRequest): readonly [side: 'before' | 'after' | 'around', place: Place | undefined] {
  if ('after' in request) return ['after', request.after];
  if ('around' in request) return ['around', request.around];
  return ['before', request.before];
}

/** $1 conversation, $2 sender, $3 replied to, $4 thread root, $5 attachments, $6 mentioned. */
const REFERENCES = `
  with access as (
    select c.account_id, c.id, ${HISTORY_FLOOR} as floor
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    where m.conversation_id = $1 and m.user_id = $2 and m.left_at is null
  ),
  visible as (
    select o.* from access a join message o on o.account_id = a.account_id and o.conversation_id = a.id
    where o.id = any(array[$3, $4]::uuid[]) and o.seq > a.floor and o.deleted_at is null
  )
  select
    (select ${REPLY_JSON} from visible o where o.id = $3) as reply_to,
    (select json_build_object('id', o.id, 'seq', o.seq, 'in_thread', o.thread_root_seq is not null) from visible o where o.id = $4) as thread_root,
    (select json_agg(${ATTACHMENT_JSON} order by array_position($5::uuid[], f.id)) from attachment f
      where f.id = any($5::uuid[]) and f.owner_id = $2 and f.status = 'ready') as attachments,
    array(select t.user_id::text from member t where t.conversation_id = $1 and t.user_id = any($6::uuid[]) and t.left_at is null) as mentions`;

type ReferencesRow = Readonly<{
  reply_to: ReplyJson | null;
  thread_root: Readonly<{ id: string; seq: number; in_thread: boolean }> | null;
  attachments: readonly AttachmentJson[] | null;
  mentions: readonly string[];
}>;

export function createMessageReader(pool: SessionPool): MessageReader {
  return {
    async references(account, sender, conversation, named) {
      const params = [conversation, sender, named.replyToId ?? null, named.threadRootId ?? null, named.attachmentIds, named.mentions];
      const [row] = await readOnce<ReferencesRow>(pool, account, REFERENCES, params, 'references');
      if (row === undefined) return { replyTo: undefined, threadRoot: undefined, attachments: [], mentions: [] };
      const root = row.thread_root;
      return {
        replyTo: row.reply_to === null ? undefined : toReplyPreview(row.reply_to),
        threadRoot: root === null ? undefined : { id: asId(root.id), seq: root.seq, inThread: root.in_thread },
        attachments: (row.attachments ?? []).map(toAttachmentSummary),
        mentions: row.mentions.map((id) => asId<'user'>(id)),
      };
    },

    async history(account, viewer, conversation, request) {
      const [side, place] = sideOf(request);
      const seq = typeof place === 'number' ? place : null;
      const time = place instanceof Date ? place : null;
      const params = [conversation, viewer, side, seq, time, request.limit];
      const rows = await readOnce<HistoryRow>(pool, account, HISTORY, params, 'history');
      const [first] = rows;
      if (first === undefined) return undefined;
      const items = rows.filter((row) => row.id !== null).map(toMessage);
      const lowest = items[0]?.seq ?? Math.min(first.at, first.last_seq + 1);
      const highest = items.at(-1)?.seq ?? Math.max(lowest - 1, 0);
      return { items, hasBefore: lowest > first.floor + 1, hasAfter: Math.max(highest, first.floor) < first.last_seq };
    },
  };
}
