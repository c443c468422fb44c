import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, text } from '../kernel/types.ts';
import { Message } from './message.ts';
import { mentions } from './send-message.ts';

export const editMessage = operation({
  name: 'messages.edit',
  summary: "Change what one's own message says. What it said before stays readable for those who may read edits.",
  http: { method: 'PATCH', path: '/messages/:messageId', status: 200 },
  socket: 'message:edit',
  access: 'user',
  input: z.strictObject({
    messageId: id('message'),
    content: text({ min: 1, max: limits.messageText }),
    mentions: mentions.optional().meta({ description: 'in the place of the former ones; absent leaves them' }),
  }),
  output: Message,
  errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED', 'EDIT_WINDOW_CLOSED', 'MENTION_INVALID'],
});
