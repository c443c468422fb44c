import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, text } from '../kernel/types.ts';
import { Message } from './message.ts';
import { mentions } from './send-message.ts';

export const editMessage = operation({
  name: 'messages.edit',
  summary: 'Edit your own message. Former versions stay readable for members who may read edits.',
  http: { method: 'PATCH', path: '/messages/:messageId', status: 200 },
  socket: 'message:edit',
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    messageId: id('message'),
    content: text({ min: 1, max: limits.messageText }),
    mentions: mentions.optional().meta({ description: 'replaces the former ones; absent keeps them' }),
  }),
  output: Message,
  errors: [
    'MESSAGE_NOT_FOUND',
    'FORBIDDEN',
    'POSTING_NOT_ALLOWED',
    'USER_SUSPENDED',
    'USER_MUTED',
    'MESSAGE_REFUSED',
    'HOOK_UNAVAILABLE',
    'EDIT_WINDOW_CLOSED',
    'MENTION_INVALID',
  ],
});
