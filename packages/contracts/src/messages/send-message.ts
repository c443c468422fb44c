import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { customData, id, idList, text } from '../kernel/types.ts';
import { Message } from './message.ts';

/** People by id, or everyone. */
export const mentions = z
  .array(z.union([id('user'), z.literal('@all')]))
  .max(limits.mentions)
  .transform((named) => [...new Set(named)]);

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
      type: z.enum(['text', 'image', 'file', 'custom']).default('text'),
      content: text({ min: 1, max: limits.messageText }).optional(),
      replyToId: id('message').optional(),
      threadRootId: id('message').optional().meta({ description: 'posts into the thread of this message' }),
      attachmentIds: idList('attachment', limits.attachments).optional(),
      mentions: mentions.optional(),
      data: customData.optional(),
    })
    .refine((input) => (input.conversationId === undefined) !== (input.toUserId === undefined), {
      error: 'takes exactly one of conversationId and toUserId',
      path: ['conversationId'],
    }),
  output: Message,
  errors: [
    'CONVERSATION_NOT_FOUND',
    'USER_NOT_FOUND',
    'POSTING_NOT_ALLOWED',
    'USER_SUSPENDED',
    'CLIENT_MESSAGE_ID_CONFLICT',
    'MESSAGE_NOT_FOUND',
    'ATTACHMENT_NOT_FOUND',
    'MENTION_INVALID',
    'SLOW_MODE',
  ],
});
