import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { emoji } from './emoji.ts';

const input = z.strictObject({ messageId: id('message'), emoji });

export const putReaction = operation({
  name: 'reactions.put',
  summary: 'React to a message; idempotent.',
  http: { method: 'PUT', path: '/messages/:messageId/reactions/:emoji', status: 204 },
  socket: 'reaction:add',
  access: 'user',
  idempotencyKey: 'record',
  input,
  errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED', 'REACTION_LIMIT_REACHED'],
});

export const deleteReaction = operation({
  name: 'reactions.delete',
  summary: 'Remove your own reaction.',
  http: { method: 'DELETE', path: '/messages/:messageId/reactions/:emoji', status: 204 },
  socket: 'reaction:remove',
  access: 'user',
  idempotencyKey: 'record',
  input,
  errors: ['MESSAGE_NOT_FOUND'],
});
