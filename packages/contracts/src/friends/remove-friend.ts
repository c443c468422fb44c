import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

export const removeFriend = operation({
  name: 'friends.remove',
  summary: 'End a friendship.',
  http: { method: 'DELETE', path: '/friends/:userId', status: 204 },
  socket: 'friend:remove',
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ userId: id('user') }),
  errors: ['FRIEND_NOT_FOUND'],
});
