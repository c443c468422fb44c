import { z } from 'zod';
import { username } from '../auth/signup.ts';
import { operation } from '../kernel/operation.ts';
import { User } from './user.ts';

export const changeUsername = operation({
  name: 'users.changeUsername',
  summary: 'Take another username. The old one is held for you for 90 days; the next change has to wait for 30.',
  http: { method: 'PUT', path: '/users/me/username', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ username }),
  output: User,
  errors: ['USERNAME_TAKEN', 'USERNAME_CHANGED_RECENTLY'],
});
