import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, pageInput } from '../kernel/types.ts';

export const Receipt = z
  .object({
    userId: id('user'),
    deliveredSeq: counter,
    readSeq: counter.meta({ description: '0 for those who keep to themselves what they have read' }),
  })
  .meta({ id: 'Receipt' });

const Mark = z
  .strictObject({ conversationId: id('conversation'), deliveredSeq: counter.optional(), readSeq: counter.optional() })
  .refine((mark) => mark.deliveredSeq !== undefined || mark.readSeq !== undefined, { error: 'marks nothing', path: ['readSeq'] });

export const markReceipts = operation({
  name: 'receipts.mark',
  summary: "Say how far one has received and read conversations. Marks never go back; a conversation that is not one's own is passed over.",
  http: { method: 'POST', path: '/receipts', status: 200 },
  socket: 'message:ack',
  access: 'user',
  input: z.strictObject({ items: z.array(Mark).min(1).max(limits.receiptItems) }),
  output: z.object({
    items: z.array(
      z.object({
        conversationId: id('conversation'),
        deliveredSeq: counter,
        readSeq: counter,
        receiptsVersion: counter,
        unread: z.object({ messages: counter }),
      }),
    ),
  }),
  errors: [],
});

export const listReceipts = operation({
  name: 'receipts.list',
  summary: 'How far the members of a conversation have received and read.',
  http: { method: 'GET', path: '/conversations/:conversationId/receipts', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), ...pageInput }),
  output: z.object({ receiptsVersion: counter, items: z.array(Receipt), nextCursor: z.string().nullable() }),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});

export const messageReaders = operation({
  name: 'messages.readers',
  summary: 'Who has received and read a message: by name up to 200 members, above that the numbers alone.',
  http: { method: 'GET', path: '/messages/:messageId/readers', status: 200 },
  access: 'user',
  input: z.strictObject({ messageId: id('message') }),
  output: z.object({
    members: counter.meta({ description: 'to whom it was sent: members then and now, but its sender' }),
    delivered: counter,
    read: counter,
    readBy: z.array(id('user')).optional(),
    deliveredTo: z.array(id('user')).optional(),
  }),
  errors: ['MESSAGE_NOT_FOUND'],
});
