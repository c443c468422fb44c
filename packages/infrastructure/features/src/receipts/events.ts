import { wired } from '@coucou/application/kernel/event';
import { receiptsMoved, unreadChanged } from '@coucou/application/receipts/receipt-events';
import * as wire from '@coucou/contracts/receipts/events';
import { presentReceipt } from './presenters.ts';

export const receiptEvents = [
  wired(
    receiptsMoved,
    { 'receipt:updated': wire.receiptUpdated },
    {
      'receipt:updated': ({ conversationId, receiptsVersion, items }, { at }) => ({
        at,
        conversationId,
        receiptsVersion,
        items: items.map(presentReceipt),
      }),
    },
  ),
  wired(
    unreadChanged,
    { 'unread:updated': wire.unreadUpdated },
    {
      'unread:updated': ({ total, mentions, conversationId, messages, unreadFromSeq }, { at }) => ({
        at,
        total,
        mentions,
        conversationId,
        messages,
        unreadFromSeq,
      }),
    },
  ),
];
