import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

export const transferConversation = operation({
  name: 'conversations.transfer',
  summary: 'Transfer ownership to another member; the former owner becomes an admin.',
  http: { method: 'POST', path: '/conversations/:conversationId/transfer', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation'), userId: id('user') }),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'NOT_FOUND'],
});
