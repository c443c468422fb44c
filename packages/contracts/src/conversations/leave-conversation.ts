import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

export const leaveConversation = operation({
  name: 'conversations.leave',
  summary: 'Leave a group.',
  http: { method: 'POST', path: '/conversations/:conversationId/leave', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation') }),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'LAST_OWNER'],
});
