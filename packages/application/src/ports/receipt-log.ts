import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type Mark = Readonly<{ conversationId: ConversationId; deliveredSeq?: number | undefined; readSeq?: number | undefined }>;

/** A membership's marks as they are after its batch. */
export type Marked = Readonly<{
  conversationId: ConversationId;
  deliveredSeq: number;
  readSeq: number;
  receiptsVersion: number;
  unread: number;
}>;

/**
 * Marks of what people have received and read, gathered off the hot path and written many at a time: of several marks of one person in
 * one conversation the highest counts. Marks never go back and never pass the newest message. Resolves when the batch is committed,
 * with those conversations of which the person is a member; tells those who watch, and the person's own devices. Throws `OVERLOADED`
 * when too many wait, `SERVICE_UNAVAILABLE` when the database is away.
 */
export interface ReceiptLog {
  mark(account: AccountId, user: UserId, marks: readonly Mark[]): Promise<readonly Marked[]>;
}
export const ReceiptLog = token<ReceiptLog>('ReceiptLog');
