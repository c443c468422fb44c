import type { ConversationId, UserId } from '../kernel/ids.ts';

/** How far somebody has received and read a conversation; marks merge by maximum, so an older one is harmless. */
export type Receipt = Readonly<{ userId: UserId; deliveredSeq: number; readSeq: number }>;

export type ReceiptEvent =
  /** Marks moved: state of `receiptsVersion`, of no version. */
  | Readonly<{
      type: 'receipts.moved';
      conversationId: ConversationId;
      receiptsVersion: number;
      items: readonly Receipt[];
      /** To one person's own devices; absent: to those who watch the conversation. */
      only?: UserId | undefined;
      /** Of those who watch, who are not told: there is a block between them and the one whose mark it is. */
      except?: readonly UserId[] | undefined;
    }>
  /** What a person has not read, over all conversations that are not archived, and in the one in which it changed. */
  | Readonly<{ type: 'unread.changed'; userId: UserId; total: number; mentions: number; conversationId: ConversationId; messages: number }>;
