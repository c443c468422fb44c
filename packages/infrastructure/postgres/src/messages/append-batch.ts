import { createHash } from 'node:crypto';
import type { AppendRequest, AppendResult } from '@coucou/application/ports/message-log';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { Message, MessageDraft } from '@coucou/domain/messages/message';
import { type MessageRow, toMessage } from './message-rows.ts';
import type { Session } from '../kit/session.ts';

/** `parked`: another transaction holds the conversation; ask again, waiting. */
export type BatchAnswer = AppendResult | Readonly<{ status: 'parked' }>;

type AnswerRow = Readonly<{
  request_index: number;
  status: 'stored' | 'duplicate' | 'conflict' | 'stale' | 'slowed' | 'parked';
  seq: number;
  version: number;
  created_at: Date;
  access_version: number;
  receipts_version: number | null;
  read_seq: number | null;
  stored: StoredRow | null;
}>;

/** A message row as the append function answers it; what it refers to is not resolved. */
type StoredRow = Omit<MessageRow, 'reply_to' | 'thread_root' | 'attachments'>;

const APPEND = 'select * from append_messages($1::uuid[], $2::uuid[], $3::json, $4, $5)';

/** Canonical JSON: sorted keys, so that equal inputs have equal hashes. */
const canonical = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

export const requestHash = (asSent: AppendRequest['asSent']): string =>
  createHash('sha256').update(JSON.stringify(asSent, canonical)).digest('hex');

const messageOf = (draft: MessageDraft, row: AnswerRow): Message => ({
  accountId: draft.accountId,
  conversationId: draft.conversationId,
  seq: row.seq,
  id: draft.id,
  version: row.version,
  senderId: draft.senderId,
  clientMessageId: draft.clientMessageId,
  type: draft.type,
  content: draft.content,
  data: draft.data,
  parts: draft.parts,
  replyTo: draft.replyTo,
  threadRoot: draft.threadRoot,
  mentions: draft.mentions,
  mentionAll: draft.mentionAll,
  attachments: draft.attachments,
  reactions: [],
  pinned: false,
  forwarded: draft.forwarded,
  createdAt: row.created_at,
  editedAt: undefined,
  deletedAt: undefined,
  expiresAt: draft.expiresInSeconds === undefined ? undefined : addSeconds(row.created_at, draft.expiresInSeconds),
});

/** A resend names what the first send named, so the draft's references stand for the stored ones. */
const duplicateOf = (draft: MessageDraft, stored: StoredRow): Message => ({
  ...toMessage({ ...stored, reply_to: null, thread_root: null, attachments: null }, draft.accountId, draft.conversationId),
  replyTo: draft.replyTo,
  threadRoot: draft.threadRoot,
  attachments: stored.deleted_at === null ? draft.attachments : [],
});

function answerOf({ draft }: AppendRequest, row: AnswerRow): BatchAnswer {
  switch (row.status) {
    case 'stored':
      return {
        status: 'stored',
        message: messageOf(draft, row),
        accessVersion: row.access_version,
        receipt:
          row.read_seq === null || row.receipts_version === null
            ? undefined
            : { receiptsVersion: row.receipts_version, readSeq: row.read_seq, deliveredSeq: row.read_seq },
      };
    case 'duplicate':
      return row.stored === null ? { status: 'conflict' } : { status: 'duplicate', message: duplicateOf(draft, row.stored) };
    case 'slowed':
      return { status: 'slowed', until: row.created_at };
    default:
      return { status: row.status };
  }
}

export type BatchOptions = Readonly<{
  /** Wait for conversations that others hold, instead of parking them. */
  wait: boolean;
  /** Write an outbox row for each conversation of the batch. */
  announce: boolean;
  /** The spans that wait for the messages (`Tracer.carried`): an outbox row carries that of one of its messages. */
  causes?: readonly (string | undefined)[];
}>;

/** One round trip; answers in the order of the requests. The keys of the requests are distinct. */
export async function appendBatch(
  session: Session,
  requests: readonly AppendRequest[],
  { wait, announce, causes }: BatchOptions,
): Promise<BatchAnswer[]> {
  const accounts: AccountId[] = [];
  const conversations: ConversationId[] = [];
  /** Where a conversation stands in the two arrays, from 1 as PostgreSQL counts. */
  const indexes = new Map<string, number>();
  const indexOf = ({ accountId, conversationId }: MessageDraft): number => {
    const key = accountId + conversationId;
    const known = indexes.get(key);
    if (known !== undefined) return known;
    const index = accounts.push(accountId);
    conversations.push(conversationId);
    indexes.set(key, index);
    return index;
  };
  const rows = requests.map(({ draft, asSent }, index) => ({
    request_index: index,
    conversation_index: indexOf(draft),
    sender_id: draft.senderId,
    client_message_id: draft.clientMessageId,
    request_hash: requestHash(asSent),
    message_id: draft.id,
    type: draft.type,
    content: draft.content,
    data: draft.data,
    parts: draft.parts,
    reply_to_seq: draft.replyTo?.seq,
    thread_root_seq: draft.threadRoot?.seq,
    mentions: draft.mentions.length > 0 ? draft.mentions : undefined,
    mention_all: draft.mentionAll || undefined,
    attachment_ids: draft.attachments.length > 0 ? draft.attachments.map((attachment) => attachment.id) : undefined,
    forwarded: draft.forwarded || undefined,
    expires_in_seconds: draft.expiresInSeconds,
    access_version: draft.accessVersion,
    role: draft.seat?.role,
    may_announce: draft.seat?.announces,
    countable: draft.countable,
    slowable: draft.slowable || undefined,
    traceparent: causes?.[index],
  }));
  const params = [accounts, conversations, JSON.stringify(rows), wait, announce];
  const answer = await session.query<AnswerRow>(APPEND, params, 'append');
  const answers: BatchAnswer[] = [];
  for (const row of answer.rows) {
    const request = requests[row.request_index];
    if (request !== undefined) answers[row.request_index] = answerOf(request, row);
  }
  return answers;
}
