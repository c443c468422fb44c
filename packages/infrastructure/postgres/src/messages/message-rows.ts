import { type AccountId, asId, type ConversationId } from '@coucou/domain/kernel/ids';
import type { AttachmentSummary, Message, MessageType, ReplyPreview } from '@coucou/domain/messages/message';
import type { Selectable } from 'kysely';
import { blockedWith } from '../blocks/blocked-with.ts';
import { instant, instantOrUndefined, orUndefined } from '../kit/nullable.ts';
import type { MessageTable } from './tables.ts';

/** A message that is replied to, `o` being its row; `shown` says whether what it says may be shown. */
export const replyJson = (shown = 'true'): string => `json_build_object(
    'id', o.id, 'seq', o.seq, 'sender_id', o.sender_id, 'type', o.type, 'content', case when ${shown} then o.content end, 'deleted_at', o.deleted_at)`;

/**
 * The message `x` is not hidden by `viewer`. `offset 0` forces a look-up by the full key; as a join, everything that the viewer has
 * ever hidden in the conversation would be scanned for each message.
 */
export const notHidden = (x: string, viewer: string): string => `not exists (
    select from hide h where h.account_id = ${x}.account_id and h.user_id = ${viewer} and h.conversation_id = ${x}.conversation_id and h.seq = ${x}.seq
    offset 0)`;

/** What `viewer` may see of the messages replied to: what comes after `floor` and is not hidden. */
export const previewFor = (viewer: string, floor: string): string => `o.seq > ${floor} and ${notHidden('o', viewer)}`;

/** Whether `viewer` may see the marks of the member `m`: the `receipts` surface; members are fellows at least. */
export const marksShown = (m: string, viewer: string): string => `${m}.user_id not in ${blockedWith(viewer)}`;

/** Whether `viewer` may see the read mark of the member `m`: it is their own, or the member's read receipts are on and there is no block. */
export const readShown = (m: string, viewer: string): string => `(${m}.user_id = ${viewer} or ${marksShown(m, viewer)} and coalesce((
    select (p.settings->>'readReceipts')::boolean from preference p where p.account_id = ${m}.account_id and p.user_id = ${m}.user_id), true))`;

/** What a message shows of an attachment, `f` being its row. */
export const ATTACHMENT_JSON = `json_build_object(
    'id', f.id, 'name', f.name, 'type', f.type, 'size', f.size, 'width', f.width, 'height', f.height, 'has_thumbnail', f.thumbnail_key is not null)`;

/**
 * The select list of a message row `x`: columns, and what is joined from other rows as it is now. What most messages
 * lack is null, which is cheap to send and parse. `viewer` is the parameter with the viewer; `preview` is a condition on the message replied to, `o`, without which its content is left out.
 */
export const messageSelect = (x: string, viewer?: string, preview?: string): string => `${
  viewer === undefined
    ? ''
    : `
  case when ${x}.reactions <> '{}' then array(
    select r.emoji from reaction r where r.account_id = ${x}.account_id and r.conversation_id = ${x}.conversation_id and r.seq = ${x}.seq
      and r.user_id = ${viewer}
  ) end as my_reactions,`
}
  ${x}.seq, ${x}.id, ${x}.sender_id, ${x}.client_message_id, ${x}.type, ${x}.content, ${x}.data, ${x}.parts,
  nullif(${x}.mentions, '{}') as mentions, nullif(${x}.mention_all, false) as mention_all, nullif(${x}.reactions, '{}') as reactions,
  nullif(${x}.forwarded, false) as forwarded, ${x}.pinned_at, ${x}.version, ${x}.created_at, ${x}.edited_at, ${x}.deleted_at, ${x}.expires_at,
  case when ${x}.reply_to_seq is not null then (
    select ${replyJson(preview)}
    from message o where o.account_id = ${x}.account_id and o.conversation_id = ${x}.conversation_id and o.seq = ${x}.reply_to_seq
  ) end as reply_to,
  case when ${x}.thread_root_seq is not null then (
    select json_build_object('id', o.id, 'seq', o.seq)
    from message o where o.account_id = ${x}.account_id and o.conversation_id = ${x}.conversation_id and o.seq = ${x}.thread_root_seq
  ) end as thread_root,
  case when cardinality(${x}.attachment_ids) > 0 and ${x}.deleted_at is null then (
    select json_agg(${ATTACHMENT_JSON} order by array_position(${x}.attachment_ids, f.id))
    from attachment f where f.account_id = ${x}.account_id and f.id = any(${x}.attachment_ids)
  ) end as attachments`;

export type ReplyJson = Readonly<{
  id: string;
  seq: number;
  sender_id: string;
  type: MessageType;
  content: string | null;
  deleted_at: string | null;
}>;
export type AttachmentJson = Readonly<{
  id: string;
  name: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  has_thumbnail: boolean;
}>;

type Nullable<T> = { [Key in keyof T]: T[Key] | null };

export type MessageRow = Pick<
  Selectable<MessageTable>,
  'seq' | 'id' | 'sender_id' | 'client_message_id' | 'type' | 'content' | 'data' | 'parts' | 'version'
> &
  Nullable<Pick<Selectable<MessageTable>, 'mentions' | 'mention_all' | 'reactions' | 'forwarded'>> &
  Readonly<{
    pinned_at: Date | string | null;
    created_at: Date | string;
    edited_at: Date | string | null;
    deleted_at: Date | string | null;
    expires_at: Date | string | null;
    reply_to: ReplyJson | null;
    thread_root: Readonly<{ id: string; seq: number }> | null;
    attachments: readonly AttachmentJson[] | null;
    my_reactions?: readonly string[] | null;
  }>;

export const toAttachmentSummary = (row: AttachmentJson): AttachmentSummary => ({
  id: asId(row.id),
  name: row.name,
  type: row.type,
  size: row.size,
  width: orUndefined(row.width),
  height: orUndefined(row.height),
  hasThumbnail: row.has_thumbnail,
});

export const toReplyPreview = (row: ReplyJson): ReplyPreview => ({
  id: asId(row.id),
  seq: row.seq,
  senderId: asId(row.sender_id),
  type: row.type,
  content: orUndefined(row.content),
  deletedAt: instantOrUndefined(row.deleted_at),
});

export const toMessage = (row: MessageRow, accountId: AccountId, conversationId: ConversationId): Message => ({
  accountId,
  conversationId,
  seq: row.seq,
  id: asId(row.id),
  version: row.version,
  senderId: asId(row.sender_id),
  clientMessageId: row.client_message_id,
  type: row.type,
  content: orUndefined(row.content),
  data: orUndefined(row.data),
  parts: orUndefined(row.parts),
  replyTo: row.reply_to === null ? undefined : toReplyPreview(row.reply_to),
  threadRoot: row.thread_root === null ? undefined : { id: asId(row.thread_root.id), seq: row.thread_root.seq },
  mentions: (row.mentions ?? []).map((id) => asId<'user'>(id)),
  mentionAll: row.mention_all ?? false,
  attachments: (row.attachments ?? []).map(toAttachmentSummary),
  reactions: Object.entries(row.reactions ?? {}).map(([emoji, count]) => ({
    emoji,
    count,
    mine: row.my_reactions?.includes(emoji) ?? false,
  })),
  pinned: row.pinned_at !== null,
  forwarded: row.forwarded ?? false,
  createdAt: instant(row.created_at),
  editedAt: instantOrUndefined(row.edited_at),
  deletedAt: instantOrUndefined(row.deleted_at),
  expiresAt: instantOrUndefined(row.expires_at),
});
