import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { SharedConversation } from './conversation.ts';
import { label } from './list-conversations.ts';

export const updateInbox = operation({
  name: 'inbox.update',
  summary: "Set status, assignee and labels, for support teams: the group's moderators, and account owners and admins everywhere.",
  http: { method: 'PATCH', path: '/conversations/:conversationId/inbox', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    conversationId: id('conversation'),
    status: z.enum(['open', 'pending', 'resolved']).optional(),
    assigneeId: id('user').nullish().meta({ description: 'a member or a support agent; null unassigns' }),
    labels: z.array(label).max(limits.labels).optional(),
  }),
  output: SharedConversation,
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'USER_NOT_FOUND'],
});

export const watchInbox = operation({
  name: 'inbox.watch',
  summary: "Watch the account's inbox on this connection: `inbox:updated` for every conversation; for account owners and admins.",
  socket: 'inbox:join',
  access: 'user',
  input: z.strictObject({}),
  errors: ['FORBIDDEN', 'OPERATION_UNKNOWN'],
});

export const unwatchInbox = operation({
  name: 'inbox.unwatch',
  summary: 'Stop watching the inbox.',
  socket: 'inbox:leave',
  access: 'user',
  input: z.strictObject({}),
  errors: ['OPERATION_UNKNOWN'],
});
