import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, line, page, pageInput } from '../kernel/types.ts';
import { Conversation } from './conversation.ts';

export const label = line({ min: 1, max: limits.label });

export const listConversations = operation({
  name: 'conversations.list',
  summary: 'Your conversations, most recently active first; archived ones only on request.',
  http: { method: 'GET', path: '/conversations', status: 200 },
  access: 'user',
  conditional: true,
  input: z.strictObject({
    ...pageInput,
    filter: z
      .enum(['unread', 'archived', 'pinned', 'open', 'pending', 'resolved', 'mine'])
      .optional()
      .meta({ description: '"mine": assigned to you' }),
    assigneeId: id('user').optional(),
    label: label.optional(),
  }),
  output: page(Conversation),
  errors: ['CURSOR_INVALID'],
});
