import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { line, page, pageInput } from '../kernel/types.ts';
import { User } from './user.ts';

export const searchUsers = operation({
  name: 'users.search',
  summary: 'Search users by username or display name (prefixes, with typing mistakes), or by a full e-mail address that is confirmed.',
  http: { method: 'GET', path: '/users', status: 200 },
  access: 'user',
  input: z.strictObject({ q: line({ min: 1, max: limits.userQuery }).meta({ examples: ['alice'] }), ...pageInput }),
  output: page(User),
  errors: ['CURSOR_INVALID'],
});
