import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { customData, httpUrl, id, idList, line, text } from '../kernel/types.ts';
import { Conversation, ConversationSettings, Visibility } from './conversation.ts';

export const title = line({ min: 1, max: limits.title });
export const description = text({ max: limits.description });

export const createConversation = operation({
  name: 'conversations.create',
  summary: 'Open the direct conversation with a user (one per pair), or create a group.',
  http: { method: 'POST', path: '/conversations', status: 201, existing: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('direct'), userId: id('user') }),
    z.strictObject({
      type: z.literal('group'),
      title,
      memberIds: idList('user', limits.batch, 0).optional(),
      visibility: Visibility.optional(),
      description: description.optional(),
      avatarUrl: httpUrl.optional(),
      custom: customData.optional(),
      settings: ConversationSettings.partial().strict().optional(),
    }),
  ]),
  output: Conversation,
  errors: ['USER_NOT_FOUND', 'GROUP_LIMIT_REACHED', 'CONVERSATION_FULL'],
});
