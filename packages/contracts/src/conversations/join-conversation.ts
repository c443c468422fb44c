import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { Conversation } from './conversation.ts';

export const joinConversation = operation({
  name: 'conversations.join',
  summary: 'Join a public group; for a member it answers the group unchanged.',
  http: { method: 'POST', path: '/conversations/:conversationId/join', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation') }),
  output: Conversation,
  errors: ['CONVERSATION_NOT_FOUND', 'BANNED', 'CONVERSATION_FULL', 'USER_NOT_FOUND'],
});
