import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { customData, id, text } from '../kernel/types.ts';
import { Message } from './message.ts';

export const sendMessage = operation({
  name: 'messages.send',
  summary: 'Send a message. A resend with the same clientMessageId answers the message as stored.',
  http: { method: 'POST', path: '/conversations/:conversationId/messages', status: 201, existing: 200 },
  socket: 'message:send',
  access: 'user',
  input: z
    .strictObject({
      conversationId: id('conversation').optional(),
      toUserId: id('user').optional().meta({ description: 'instead of a conversation: the direct one with this person' }),
      clientMessageId: z.uuid().toLowerCase().optional().meta({ description: 'made by the client; makes a resend harmless' }),
      type: z.enum(['text', 'custom']).default('text'),
      content: text({ min: 1, max: limits.messageText }).optional(),
      data: customData.optional(),
    })
    .refine((input) => (input.conversationId === undefined) !== (input.toUserId === undefined), {
      error: 'takes exactly one of conversationId and toUserId',
      path: ['conversationId'],
    }),
  output: Message,
  errors: ['CONVERSATION_NOT_FOUND', 'USER_NOT_FOUND', 'POSTING_NOT_ALLOWED', 'CLIENT_MESSAGE_ID_CONFLICT'],
});
