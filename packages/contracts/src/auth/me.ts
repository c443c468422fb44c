import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { User } from '../users/user.ts';
import { Session } from './session.ts';

export const me = operation({
  name: 'auth.me',
  summary: 'The signed-in user and the session of the token.',
  http: { method: 'GET', path: '/auth/me', status: 200 },
  access: 'user',
  conditional: true,
  whileUnproven: true,
  input: z.strictObject({}),
  output: z.object({ user: User, session: Session }),
  errors: [],
});
