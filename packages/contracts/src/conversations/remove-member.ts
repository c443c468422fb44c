import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

export const removeMember = operation({
  name: 'members.remove',
  summary: 'Remove a member from a group.',
  http: { method: 'DELETE', path: '/conversations/:conversationId/members/:userId', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation'), userId: id('user') }),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'NOT_FOUND', 'LAST_OWNER'],
});
