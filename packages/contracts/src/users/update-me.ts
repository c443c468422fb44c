import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { customData, httpUrl, line, text } from '../kernel/types.ts';
import { User } from './user.ts';

export const updateMe = operation({
  name: 'users.updateMe',
  summary: 'Update your own profile; null clears a field, an absent field is unchanged.',
  http: { method: 'PATCH', path: '/users/me', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z
    .strictObject({
      displayName: line({ min: 1, max: limits.displayName }).optional(),
      avatarUrl: httpUrl.nullable().optional(),
      bio: text({ max: limits.bio }).nullable().optional(),
      custom: customData.nullable().optional(),
    })
    .meta({ examples: [{ displayName: 'Alice Martin', bio: null }] }),
  output: User,
  errors: [],
});
