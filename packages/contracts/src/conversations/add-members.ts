import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, idList } from '../kernel/types.ts';
import { Member } from './conversation.ts';

export const addMembers = operation({
  name: 'members.add',
  summary: 'Add users to a group.',
  http: { method: 'POST', path: '/conversations/:conversationId/members', status: 201 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation'), userIds: idList('user', limits.batch) }),
  output: z.object({ items: z.array(Member) }),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'USER_NOT_FOUND', 'ALREADY_MEMBER', 'BANNED', 'CONVERSATION_FULL'],
});
