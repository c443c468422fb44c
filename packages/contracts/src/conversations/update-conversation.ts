import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { customData, httpUrl, id } from '../kernel/types.ts';
import { Conversation, ConversationSettings, Visibility } from './conversation.ts';
import { description, title } from './create-conversation.ts';

export const updateConversation = operation({
  name: 'conversations.update',
  summary: "Update a group's profile or settings. Absent fields are unchanged; null clears a field.",
  http: { method: 'PATCH', path: '/conversations/:conversationId', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    conversationId: id('conversation'),
    title: title.optional(),
    description: description.nullish(),
    avatarUrl: httpUrl.nullish(),
    custom: customData.nullish(),
    visibility: Visibility.optional(),
    settings: ConversationSettings.partial().strict().optional(),
  }),
  output: Conversation,
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN'],
});
