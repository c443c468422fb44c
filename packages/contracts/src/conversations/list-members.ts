import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput } from '../kernel/types.ts';
import { Member } from './conversation.ts';

export const listMembers = operation({
  name: 'members.list',
  summary: 'The members of a conversation, in the order in which they joined.',
  http: { method: 'GET', path: '/conversations/:conversationId/members', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), ...pageInput }),
  output: page(Member),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});
