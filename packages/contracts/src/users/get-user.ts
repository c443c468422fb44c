import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { User } from './user.ts';

export const getUser = operation({
  name: 'users.get',
  summary: 'A user. `lastSeenAt` is visible to friends and fellow members.',
  http: { method: 'GET', path: '/users/:userId', status: 200 },
  access: 'user',
  input: z.strictObject({ userId: id('user') }),
  output: User,
  errors: ['USER_NOT_FOUND'],
});
