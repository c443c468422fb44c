import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

export const deleteConversation = operation({
  name: 'conversations.delete',
  summary: 'Delete a group for everyone.',
  http: { method: 'DELETE', path: '/conversations/:conversationId', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation') }),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN'],
});
