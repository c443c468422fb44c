import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { Audience } from '../kernel/audience.ts';
import { type EventOf, event } from '../kernel/event.ts';

/** Marks moved: state of `receiptsVersion`, of no version. */
export const receiptsMoved = event<{
  conversationId: ConversationId;
  receiptsVersion: number;
  items: readonly Receipt[];
  /** To one person's own devices; absent: to the sockets viewing the conversation. */
  only?: UserId | undefined;
  /** Viewers who are not told: there is a block between them and the person whose mark it is. */
  except?: readonly UserId[] | undefined;
}>()({
  type: 'receipts.moved',
  tells: ['receipt:updated'],
  audience: ({ conversationId, receiptsVersion, only, except = [] }) => {
    const to: Audience =
      only === undefined ? { kind: 'watchers', conversationId, except, lossy: false } : { kind: 'devices', userId: only };
    return [{ event: 'receipt:updated', to, reached: { conversationId, receiptsVersion } }];
  },
});
export type ReceiptsMoved = EventOf<typeof receiptsMoved>;

/** What a person has not read, over all conversations that are not archived, and in the one in which it changed. */
export const unreadChanged = event<{
  userId: UserId;
  total: number;
  mentions: number;
  conversationId: ConversationId;
  messages: number;
}>()({
  type: 'unread.changed',
  tells: ['unread:updated'],
  audience: ({ userId }) => [{ event: 'unread:updated', to: { kind: 'devices', userId } }],
});
