import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { Audience } from '../kernel/audience.ts';
import { type EventOf, event } from '../kernel/event.ts';
import type { UnreadTotal } from '../ports/receipt-log.ts';

/** Marks moved: state of `receiptsVersion`, of no version. */
export const receiptsMoved = event<{
  conversationId: ConversationId;
  receiptsVersion: number;
  items: readonly Receipt[];
  /** To the devices of this user; absent: to the watchers of the conversation. */
  only?: UserId | undefined;
  /** Excluded watchers: those with a block between them and the user whose mark it is. */
  except?: readonly UserId[] | undefined;
}>()({
  type: 'receipts.moved',
  tells: ['receipt:updated'],
  audience: ({ conversationId, receiptsVersion, only, except = [] }) => {
    const to: Audience =
      only === undefined
        ? { kind: 'watchers', conversationIds: [conversationId], except, lossy: false }
        : { kind: 'devices', userId: only };
    return [{ event: 'receipt:updated', to, reached: { conversationId, receiptsVersion } }];
  },
});
export type ReceiptsMoved = EventOf<typeof receiptsMoved>;

/** A user's unread counts, over all conversations that are not archived, and in the one that changed. */
export const unreadChanged = event<UnreadTotal>()({
  type: 'unread.changed',
  tells: ['unread:updated'],
  audience: ({ userId }) => [{ event: 'unread:updated', to: { kind: 'devices', userId } }],
});
