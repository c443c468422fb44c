import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, time } from '../kernel/types.ts';

export const Erasure = z
  .object({
    id: id('erasure'),
    userId: id('user'),
    status: z.enum(['erasing', 'holding', 'done']).meta({
      description: 'holding: all is erased but the username, and traces in the audit log, which go at `dueAt`',
    }),
    step: z
      .string()
      .optional()
      .meta({ description: 'what is being erased', examples: ['conversations'] }),
    erased: counter.meta({ description: 'rows and files so far' }),
    failures: counter.meta({ description: 'failed tries of this step; it is tried again at `dueAt`' }),
    requestedAt: time,
    dueAt: time.optional(),
    finishedAt: time.optional(),
  })
  .meta({ id: 'Erasure' });

export const deleteMe = operation({
  name: 'users.deleteMe',
  summary:
    'Delete yourself, for good: you are signed out everywhere, and what is held of you is erased. What you said stays in the conversations of others, by a deleted user.',
  http: { method: 'DELETE', path: '/users/me', status: 202, body: true },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z
    .strictObject({
      password: z
        .string()
        .max(limits.password.max * 2)
        .optional()
        .meta({ description: 'needed where you have one; without, you have to have signed in lately' }),
    })
    .meta({ examples: [{ password: 'correct horse battery staple' }] }),
  output: Erasure,
  errors: ['INVALID_CREDENTIALS', 'REAUTHENTICATION_REQUIRED', 'LAST_OWNER', 'USER_NOT_FOUND', 'RATE_LIMITED'],
});
