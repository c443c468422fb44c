import type { HistoryRequest, MessageReader, Place } from '@coucou/application/messages/message-reader';
import { asId } from '@coucou/domain/kernel/ids';
import { z } from 'zod';
import { blockBetween } from '../blocks/blocked-with.ts';
import { headOf } from '../conversations/conversation-head.ts';
import { HISTORY_FLOOR } from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import { rowVersion } from '../kit/row-version.ts';
import {
  ATTACHMENT_JSON,
  type AttachmentJson,
  type MessageRow,
  messageSelect,
  notHidden,
  previewFor,
  replyJson,
  type ReplyJson,
  toAttachmentSummary,
  toMessage,
  toReplyPreview,
} from './message-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** The viewer's membership and floor: $1 conversation, $2 viewer. */
const ACCESS = `
  access as (
    select c.account_id, c.id, h.last_seq, h.access_version, ${HISTORY_FLOOR} as floor
    from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
    cross join lateral ${headOf('c.account_id', 'c.id')} h
    where m.conversation_id = $1 and m.user_id = $2 and m.left_at is null
  )`;

type Side = 'before' | 'after' | 'around';

/** Where the page lies: $3, or without it behind the newest. */
const PLACE_BY_SEQ = 'least($3::bigint, a.last_seq + 1)';
const placeByTime = (side: Side): string =>
  side === 'after'
    ? `(select coalesce(max(t.seq), 0) from (
      select t.seq from message t where t.account_id = a.account_id and t.conversation_id = $1 and t.created_at <= $3
      order by t.created_at desc, t.seq desc limit 1) t)`
    : `(select coalesce(min(t.seq), a.last_seq + 1) from (
      select t.seq from message t where t.account_id = a.account_id and t.conversation_id = $1 and t.created_at >= $3
      order by t.created_at, t.seq limit 1) t)`;

/**
 * A walk along the primary key, passing over what the viewer has hidden: nothing is, for nearly everyone, which is looked up once. Under
 * row-level security only a bare comparison with a leakproof operator becomes a condition on the index; anything else reads the
 * conversation from end to end.
 */
const walk = (where: string, order: string, limit: string): string => `(
    select * from message x where x.account_id = p.account_id and x.conversation_id = $1 and x.seq > p.floor and ${where}
      and (not p.has_hidden or ${notHidden('x', '$2')}) order by ${order} limit ${limit})`;

const WALKS: Readonly<Record<Side, string>> = {
  before: walk('x.seq < p.at', 'x.seq desc', '$4'),
  after: walk('x.seq > p.at', 'x.seq', '$4'),
  around: `${walk('x.seq < p.at', 'x.seq desc', '$4')} union all ${walk('x.seq >= p.at', 'x.seq', '$5')}`,
};

/**
 * One statement: who may see what, where the page lies, and the page. Each side takes one row more than the page has, which tells
 * whether there is more. A statement for each kind of page: what it need not do is not made ready for it. $1 conversation, $2 viewer,
 * $3 a seq or a time, $4 limit, or limit before, $5 limit after.
 */
const historySql = (side: Side, by: 'seq' | 'time'): string => `
  with ${ACCESS},
  place as materialized (
    select a.*, ${by === 'seq' ? PLACE_BY_SEQ : placeByTime(side)} as at,
      exists (select from hide h where h.account_id = a.account_id and h.user_id = $2 and h.conversation_id = a.id) as has_hidden
    from access a
  )
  select p.last_seq, p.floor, p.at, ${messageSelect('x', '$2', previewFor('$2', 'p.floor'))}
  from place p left join lateral (${WALKS[side]}) x on true
  order by x.seq`;

const HISTORY: Readonly<Record<Side, Readonly<Record<'seq' | 'time', string>>>> = {
  before: { seq: historySql('before', 'seq'), time: historySql('before', 'time') },
  after: { seq: historySql('after', 'seq'), time: historySql('after', 'time') },
  around: { seq: historySql('around', 'seq'), time: historySql('around', 'time') },
};

/** The page before a seq; the others differ in a comparison. */
export const HISTORY_SQL = HISTORY.before.seq;

/**
 * What the pages are shown from: the head of the conversation, of which every change of a message takes a version; the viewer's membership; and their feed, which
 * says what they have hidden. $1 conversation, $2 viewer.
 */
const HISTORY_VALIDATOR = `
  select concat_ws(' ', ${rowVersion('h')}, ${rowVersion('m')}, u.user_version) as validator
  from member m
  cross join lateral ${headOf('m.account_id', 'm.conversation_id')} h
  join app_user u on u.account_id = m.account_id and u.id = m.user_id
  where m.conversation_id = $1 and m.user_id = $2 and m.left_at is null`;

type HistoryRow = Readonly<{ last_seq: number; floor: number; at: number }> & MessageRow;

function sideOf(request: HistoryRequest): readonly [side: Side, place: Place | undefined] {
  if ('after' in request) return ['after', request.after];
  if ('around' in request) return ['around', request.around];
  return ['before', request.before];
}

/** The reply preview is part of the room's event: its content is left out when some member may not see the message `o`. */
const SEEN_BY_ALL = `not exists (
    select from conversation c join member j on j.account_id = c.account_id and j.conversation_id = c.id
    where c.account_id = o.account_id and c.id = o.conversation_id and begins_with_joining(c.settings)
      and j.left_at is null and j.joined_at is not null and j.joined_seq >= o.seq)`;

/** $1 conversation, $2 sender, $3 replied to, $4 thread root, $5 attachments, $6 mentioned. */
const REFERENCES = `
  with ${ACCESS},
  visible as (
    select o.* from access a
    -- By their ids, and only then of this conversation: one that no statistics know of would be read from end to end.
    cross join lateral (select * from message x where x.account_id = a.account_id and x.id = any(array[$3, $4]::uuid[]) offset 0) o
    where o.conversation_id = a.id and o.seq > a.floor and o.deleted_at is null and ${notHidden('o', '$2')}
  )
  select
    (select a.access_version from access a) as access_version,
    (select ${replyJson(SEEN_BY_ALL)} from visible o where o.id = $3) as reply_to,
    (select json_build_object('id', o.id, 'seq', o.seq, 'in_thread', o.thread_root_seq is not null) from visible o where o.id = $4) as thread_root,
    (select json_agg(${ATTACHMENT_JSON} order by array_position($5::uuid[], f.id)) from attachment f
      where f.id = any($5::uuid[]) and f.owner_id = $2 and f.status = 'ready') as attachments,
    array(select t.user_id::text from member t where t.conversation_id = $1 and t.user_id = any($6::uuid[]) and t.left_at is null
      and not ${blockBetween('$2', 't.user_id')}) as mentions`;

/** Of the messages `x` from here those that the viewer may see: $2. */
const findAmong = (from: string, where = 'true'): string => `
  select x.conversation_id, ${messageSelect('x', '$2', previewFor('$2', HISTORY_FLOOR))}
  from ${from}
  join conversation c on c.account_id = x.account_id and c.id = x.conversation_id
  join member m on m.account_id = x.account_id and m.conversation_id = x.conversation_id and m.user_id = $2 and m.left_at is null
  where ${where} and x.seq > ${HISTORY_FLOOR} and ${notHidden('x', '$2')}`;

/** $1 message. */
const FIND = findAmong('message x', 'x.id = $1');

/** One look-up by key for each: without statistics the planner would read all messages of the account. $1 messages. */
const FIND_MANY = findAmong('unnest($1::uuid[]) k(id) cross join lateral (select * from message y where y.id = k.id limit 1) x');

/** Newest first: $1 conversation, $2 seq, $3 versions below, $4 limit. */
const EDITS = `
  select e.version, e.content, e.edited_at, e.edited_by from message_edit e
  where e.conversation_id = $1 and e.seq = $2 and e.version < $3 order by e.version desc limit $4`;

/** The newest pin first: $1 conversation, $2 viewer, $3 and $4 the place after which, $5 limit. */
const PINS = `
  with ${ACCESS}
  select ${messageSelect('x', '$2', previewFor('$2', 'a.floor'))}
  from access a left join lateral (
    select * from message x where x.account_id = a.account_id and x.conversation_id = a.id and x.pinned_at is not null
      and x.seq > a.floor and ${notHidden('x', '$2')} and ($3::timestamptz is null or (x.pinned_at, x.seq) < ($3, $4::bigint))
    order by x.pinned_at desc, x.seq desc limit $5
  ) x on true
  order by x.pinned_at desc, x.seq desc`;

type FoundRow = MessageRow & Readonly<{ conversation_id: string }>;
type EditRow = Readonly<{ version: number; content: string | null; edited_at: Date; edited_by: string }>;

const pinKey = z.tuple([moment, z.int()]);
const editKey = z.tuple([z.int()]);

type ReferencesRow = Readonly<{
  access_version: number | null;
  reply_to: ReplyJson | null;
  thread_root: Readonly<{ id: string; seq: number; in_thread: boolean }> | null;
  attachments: readonly AttachmentJson[] | null;
  mentions: readonly string[];
}>;

/** Pages of histories are read from `histories`. */
export function createMessageReader(pool: SessionPool, histories = pool): MessageReader {
  return {
    async references(account, sender, conversation, named) {
      const params = [conversation, sender, named.replyToId ?? null, named.threadRootId ?? null, named.attachmentIds, named.mentions];
      const [row] = await readOnce<ReferencesRow>(pool, account, REFERENCES, params, 'references');
      if (row === undefined) return { replyTo: undefined, threadRoot: undefined, attachments: [], mentions: [], accessVersion: undefined };
      const root = row.thread_root;
      return {
        replyTo: row.reply_to === null ? undefined : toReplyPreview(row.reply_to),
        threadRoot: root === null ? undefined : { id: asId(root.id), seq: root.seq, inThread: root.in_thread },
        attachments: (row.attachments ?? []).map(toAttachmentSummary),
        mentions: row.mentions.map((id) => asId<'user'>(id)),
        accessVersion: row.access_version ?? undefined,
      };
    },

    async history(account, viewer, conversation, request) {
      const [side, place] = sideOf(request);
      const by = place instanceof Date ? 'time' : 'seq';
      const most = side === 'around' ? Math.floor(request.limit / 2) : request.limit;
      const limits = side === 'around' ? [most + 1, request.limit + 1] : [most + 1];
      const params = [conversation, viewer, place ?? null, ...limits];
      const rows = await readOnce<HistoryRow>(histories, account, HISTORY[side][by], params, `history-${side}-${by}`);
      const [first] = rows;
      if (first === undefined) return undefined;
      const messages = rows.filter((row) => row.id !== null).map((row) => toMessage(row, account, conversation));
      const before = side === 'after' ? [] : messages.filter((message) => message.seq < first.at);
      const after = messages.slice(before.length);
      // Near the beginning there is little before; the rest of the page comes after.
      const earlier = most === 0 ? [] : before.slice(-most);
      const later = after.slice(0, request.limit - earlier.length);
      return {
        items: [...earlier, ...later],
        hasBefore: side === 'after' ? Math.min(first.at, first.last_seq) > first.floor : before.length > earlier.length,
        hasAfter: side === 'before' ? Math.max(first.at, first.floor + 1) <= first.last_seq : after.length > later.length,
      };
    },

    async validateHistory(account, viewer, conversation) {
      const params = [conversation, viewer];
      const [row] = await readOnce<{ validator: string }>(pool, account, HISTORY_VALIDATOR, params, 'history-validator');
      return row?.validator;
    },

    async find(account, viewer, id) {
      const [row] = await readOnce<FoundRow>(pool, account, FIND, [id, viewer], 'message-find');
      return row && toMessage(row, account, asId(row.conversation_id));
    },

    async findMany(account, viewer, ids) {
      if (ids.length === 0) return [];
      const rows = await readOnce<FoundRow>(pool, account, FIND_MANY, [ids, viewer], 'message-find-many');
      return rows.map((row) => toMessage(row, account, asId(row.conversation_id)));
    },

    async edits(account, conversation, seq, { limit, cursor }) {
      const [below] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor('edits', editKey, cursor);
      const rows = await readOnce<EditRow>(pool, account, EDITS, [conversation, seq, below, limit + 1], 'message-edits');
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map((row) => ({ content: row.content ?? undefined, editedAt: row.edited_at, editedBy: asId<'user'>(row.edited_by) })),
        nextCursor: rows.length > limit && last ? encodeCursor('edits', [last.version]) : undefined,
      };
    },

    async pins(account, viewer, conversation, { limit, cursor }) {
      const [at, seq] = cursor === undefined ? [null, null] : decodeCursor('pins', pinKey, cursor);
      const rows = await readOnce<MessageRow>(pool, account, PINS, [conversation, viewer, at, seq, limit + 1], 'message-pins');
      if (rows.length === 0) return undefined;
      const pinned = rows.filter((row) => row.id !== null);
      const items = pinned.slice(0, limit);
      const last = items.at(-1);
      const next =
        pinned.length > limit && last?.pinned_at ? encodeCursor('pins', [new Date(last.pinned_at).toISOString(), last.seq]) : undefined;
      return { items: items.map((row) => toMessage(row, account, conversation)), nextCursor: next };
    },
  };
}
