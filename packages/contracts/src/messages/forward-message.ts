import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, idList } from '../kernel/types.ts';
import { Message } from './message.ts';

export const forwardMessage = operation({
  name: 'forwards.create',
  summary: 'Post what a message says into other conversations.',
  http: { method: 'POST', path: '/messages/:messageId/forward', status: 201 },
  access: 'user',
  input: z.strictObject({
    messageId: id('message'),
    conversationIds: idList('conversation', limits.forwardTargets),
    clientMessageId: z
      .uuid()
      .toLowerCase()
      .optional()
      .meta({ description: 'made by the client; makes a repetition harmless, in each target' }),
  }),
  output: z.object({ items: z.array(Message).meta({ description: 'in the order of the targets' }) }),
  errors: [
    'MESSAGE_NOT_FOUND',
    'CONVERSATION_NOT_FOUND',
    'FORBIDDEN',
    'POSTING_NOT_ALLOWED',
    'USER_SUSPENDED',
    'CLIENT_MESSAGE_ID_CONFLICT',
    'SLOW_MODE',
  ],
});
