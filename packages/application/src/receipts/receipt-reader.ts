import type { AccountId, ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export type ReceiptPage = Page<Receipt> & Readonly<{ receiptsVersion: number }>;

/** Of those to whom a message was sent: members then and now, but its sender. */
export type Readers = Readonly<{
  members: number;
  delivered: number;
  read: number;
  /** Undefined where there are too many to tell one by one. */
  readBy: readonly UserId[] | undefined;
  deliveredTo: readonly UserId[] | undefined;
}>;

/** Those who keep to themselves what they have read show 0 to everybody else. */
export interface ReceiptReader {
  /** Present members by their ids; undefined when the viewer is none. */
  list(account: AccountId, viewer: UserId, conversation: ConversationId, page: PageRequest): Promise<ReceiptPage | undefined>;
  /** Undefined to those who may not see the message. */
  readers(account: AccountId, viewer: UserId, message: MessageId): Promise<Readers | undefined>;
}
export const ReceiptReader = token<ReceiptReader>('ReceiptReader');
