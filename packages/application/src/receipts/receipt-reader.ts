import type { AccountId, ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export type ReceiptPage = Page<Receipt> & Readonly<{ receiptsVersion: number }>;

/** Of the recipients of a message: members then and now, without the sender. */
export type Readers = Readonly<{
  members: number;
  delivered: number;
  read: number;
  /** Undefined where there are too many to list individually. */
  readBy: readonly UserId[] | undefined;
  deliveredTo: readonly UserId[] | undefined;
}>;

/** Users with read receipts off show 0 to everybody else. */
export interface ReceiptReader {
  /** Present members by their ids; undefined when the viewer is none. */
  list(account: AccountId, viewer: UserId, conversation: ConversationId, page: PageRequest): Promise<ReceiptPage | undefined>;
  /** Undefined when the viewer may not see the message. */
  readers(account: AccountId, viewer: UserId, message: MessageId): Promise<Readers | undefined>;
}
export const ReceiptReader = token<ReceiptReader>('ReceiptReader');
