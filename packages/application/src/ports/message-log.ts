import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { Message, MessageDraft } from '@coucou/domain/messages/message';
import type { SenderReceipt } from '@coucou/domain/receipts/receipt';
import { token } from '../kernel/token.ts';

export type AppendRequest = Readonly<{
  draft: MessageDraft;
  /** The input as the client sent it, before any hook changed it: a resend must bring the same. */
  asSent: Readonly<Record<string, unknown>>;
}>;

export type AppendResult =
  | Readonly<{ status: 'stored'; message: Message; accessVersion: number; receipt: SenderReceipt | undefined }>
  /** Stored before, by an earlier send of the same; as it is now. */
  | Readonly<{ status: 'duplicate'; message: Message }>
  /** The clientMessageId was used for another input. */
  | Readonly<{ status: 'conflict' }>
  /** The decision rests on an access version that no longer holds: load again and decide again. */
  | Readonly<{ status: 'stale' }>
  /** The conversation is in slow mode, and the sender posted too short a while ago. */
  | Readonly<{ status: 'slowed'; until: Instant }>;

/** Identifies one send permanently. */
export type SendKey = Readonly<{ accountId: AccountId; conversationId: ConversationId; senderId: UserId; clientMessageId: string }>;

/**
 * The order of messages. `append` is atomic, idempotent, authorised inside the inserting statement, numbered without gaps, and
 * durable when it resolves; appends to one conversation resolve in the order of their numbers. It batches by itself and must not be
 * called inside a unit of work (it throws). Throws `OVERLOADED` when its bounded queue is full, `SERVICE_UNAVAILABLE` when the
 * database is away; after either the message may be sent again under the same id.
 */
export interface MessageLog {
  append(request: AppendRequest): Promise<AppendResult>;
  /** The stored result of an earlier send under this key, compared with the current input. */
  findSent(key: SendKey, asSent: AppendRequest['asSent']): Promise<Extract<AppendResult, { status: 'duplicate' | 'conflict' }> | undefined>;
}
export const MessageLog = token<MessageLog>('MessageLog');
