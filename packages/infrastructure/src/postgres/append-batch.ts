import { createHash } from 'node:crypto';
import type { AppendRequest, AppendResult } from '@coucou/application/ports/message-log';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import { asId } from '@coucou/domain/kernel/ids';
import type { Message, MessageDraft } from '@coucou/domain/messages/message';
import type { Session } from './session.ts';

/** `parked`: another transaction holds the conversation; ask again, waiting. */
export type BatchAnswer = AppendResult | Readonly<{ status: 'parked' }>;

type AnswerRow = Readonly<{
  o: number;
  status: 'stored' | 'duplicate' | 'conflict' | 'stale' | 'parked';
  seq: number;
  version: number;
  created_at: Date;
  access_version: number;
  receipts_version: number | null;
  read_seq: number | null;
  stored: StoredRow | null;
}>;

export type StoredRow = Readonly<{
  id: string;
  type: Message['type'];
  content: string | null;
  data: Record<string, unknown> | null;
  edited_at: string | null;
  deleted_at: string | null;
}>;

const APPEND = 'select * from append_messages($1::uuid[], $2::uuid[], $3::json, $4, $5)';

/** Keys in one order whatever the order they came in, so that equal inputs have equal hashes. */
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
  createdAt: row.created_at,
  editedAt: undefined,
  deletedAt: undefined,
});

const dateOf = (value: string | null): Date | undefined => (value === null ? undefined : new Date(value));

/** A message that was stored earlier under the draft's key. */
export const storedMessage = (
  key: Pick<MessageDraft, 'accountId' | 'conversationId' | 'senderId' | 'clientMessageId'>,
  place: Readonly<{ seq: number; version: number; created_at: Date }>,
  stored: StoredRow,
): Message => ({
  accountId: key.accountId,
  conversationId: key.conversationId,
  seq: place.seq,
  id: asId(stored.id),
  version: place.version,
  senderId: key.senderId,
  clientMessageId: key.clientMessageId,
  type: stored.type,
  content: stored.content ?? undefined,
  data: stored.data ?? undefined,
  createdAt: place.created_at,
  editedAt: dateOf(stored.edited_at),
  deletedAt: dateOf(stored.deleted_at),
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
      return row.stored === null ? { status: 'conflict' } : { status: 'duplicate', message: storedMessage(draft, row, row.stored) };
    default:
      return { status: row.status };
  }
}

export type BatchOptions = Readonly<{
  /** Wait for conversations that others hold, instead of parking them. */
  wait: boolean;
  /** Write an outbox row for each conversation of the batch. */
  announce: boolean;
}>;

/** One round trip; answers in the order of the requests. The keys of the requests are distinct. */
export async function appendBatch(
  session: Session,
  requests: readonly AppendRequest[],
  { wait, announce }: BatchOptions,
): Promise<BatchAnswer[]> {
  const accounts: AccountId[] = [];
  const conversations: ConversationId[] = [];
  /** The place of a conversation in the two arrays, from 1 as PostgreSQL counts. */
  const places = new Map<string, number>();
  const placeOf = ({ accountId, conversationId }: MessageDraft): number => {
    const key = accountId + conversationId;
    const known = places.get(key);
    if (known !== undefined) return known;
    const place = accounts.push(accountId);
    conversations.push(conversationId);
    places.set(key, place);
    return place;
  };
  const rows = requests.map(({ draft, asSent }, o) => {
    return {
      o,
      g: placeOf(draft),
      a: draft.accountId,
      c: draft.conversationId,
      s: draft.senderId,
      k: draft.clientMessageId,
      h: requestHash(asSent),
      i: draft.id,
      t: draft.type,
      x: draft.content,
      d: draft.data,
      v: draft.accessVersion,
      n: draft.countable,
    };
  });
  const params = [accounts, conversations, JSON.stringify(rows), wait, announce];
  const answer = await session.query<AnswerRow>(APPEND, params, 'append');
  const answers: BatchAnswer[] = [];
  for (const row of answer.rows) {
    const request = requests[row.o];
    if (request !== undefined) answers[row.o] = answerOf(request, row);
  }
  return answers;
}
