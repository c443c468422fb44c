import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { Authenticated } from '../auth/session.ts';
import { email, username } from '../auth/signup.ts';
import { operation } from '../kernel/operation.ts';
import { id, line } from '../kernel/types.ts';
import { externalId } from './users.ts';

export const mintToken = operation({
  name: 'admin.mintToken',
  summary:
    'Open a session for somebody who signed in at your own system. API keys do so for members and guests. Not where the account binds its sessions.',
  http: { method: 'POST', path: '/admin/users/:userId/tokens', status: 201 },
  access: 'admin',
  scope: 'tokens:mint',
  answersToken: true,
  input: z.strictObject({ userId: id('user') }),
  output: Authenticated,
  errors: ['USER_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
});

export const mintTokenFor = operation({
  name: 'admin.mintTokenFor',
  summary: 'The same by the id that your own system knows somebody by; `create` makes who is not here yet.',
  http: { method: 'POST', path: '/admin/tokens', status: 201 },
  access: 'admin',
  scope: 'tokens:mint',
  answersToken: true,
  input: z.strictObject({
    externalId,
    create: z
      .strictObject({
        username,
        displayName: line({ min: 1, max: limits.displayName }).optional(),
        email: email.optional(),
        emailVerified: z.boolean().default(false),
      })
      .optional(),
  }),
  output: Authenticated,
  errors: ['USER_NOT_FOUND', 'PLAN_LIMIT_REACHED', 'USERNAME_TAKEN', 'EMAIL_TAKEN', 'EXTERNAL_ID_TAKEN', 'REAUTHENTICATION_REQUIRED'],
});
