import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id } from '../kernel/types.ts';
import { Receipt } from './receipts.ts';

export const receiptUpdated = event(
  'receipt:updated',
  'Marks moved, by sending too; for watchers of the conversation, and for the other devices of the user whose mark moved.',
  {
    conversationId: id('conversation'),
    receiptsVersion: counter,
    items: z.array(Receipt).meta({ description: 'state: marks merge by maximum' }),
  },
);
export const unreadUpdated = event(
  'unread:updated',
  'Your unread counts changed: you read on some device, or a mention was added, dropped or deleted.',
  {
    total: counter.meta({ description: 'unread messages of all conversations that are not archived' }),
    mentions: counter,
    conversationId: id('conversation').optional().meta({ description: 'where it changed' }),
    messages: counter.optional().meta({ description: 'unread messages there' }),
    unreadFromSeq: counter.optional().meta({ description: 'marked unread from here on; absent: it is not, or no longer' }),
  },
);
