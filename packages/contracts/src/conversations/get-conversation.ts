import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { Conversation } from './conversation.ts';

export const getConversation = operation({
  name: 'conversations.get',
  summary: 'A conversation, as you see it.',
  http: { method: 'GET', path: '/conversations/:conversationId', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation') }),
  output: Conversation,
  errors: ['CONVERSATION_NOT_FOUND'],
});
