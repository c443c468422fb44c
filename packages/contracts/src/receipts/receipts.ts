import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, cursor, id, pageInput } from '../kernel/types.ts';

export const Receipt = z
  .object({
    userId: id('user'),
    deliveredSeq: counter,
    readSeq: counter.meta({ description: '0 for users who switched read receipts off' }),
  })
  .meta({ id: 'Receipt' });

const Mark = z
  .strictObject({ conversationId: id('conversation'), deliveredSeq: counter.optional(), readSeq: counter.optional() })
  .refine((mark) => mark.deliveredSeq !== undefined || mark.readSeq !== undefined, { error: 'marks nothing', path: ['readSeq'] });

export const markReceipts = operation({
  name: 'receipts.mark',
  summary: 'Set your delivered and read marks. Marks never go back; conversations that you are not in are ignored.',
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
  summary: 'Delivered and read marks of the members of a conversation.',
  http: { method: 'GET', path: '/conversations/:conversationId/receipts', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), ...pageInput }),
  output: z.object({ receiptsVersion: counter, items: z.array(Receipt), nextCursor: cursor.nullable() }),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});

export const messageReaders = operation({
  name: 'messages.readers',
  summary: 'Who has received and read a message: by name up to 200 members, above that as numbers only.',
  http: { method: 'GET', path: '/messages/:messageId/readers', status: 200 },
  access: 'user',
  input: z.strictObject({ messageId: id('message') }),
  output: z.object({
    members: counter.meta({ description: 'its recipients: members then and now, without the sender' }),
    delivered: counter,
    read: counter,
    readBy: z.array(id('user')).optional(),
    deliveredTo: z.array(id('user')).optional(),
  }),
  errors: ['MESSAGE_NOT_FOUND'],
});
