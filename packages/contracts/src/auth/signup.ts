import { limits } from '@coucou/domain/kernel/limits';
import { hasInvisible } from '@coucou/domain/kernel/visible';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { line, text } from '../kernel/types.ts';
import { Authenticated } from './session.ts';

export const username = z
  .string()
  .min(limits.username.min)
  .max(limits.username.max)
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?$/u, 'takes letters, digits and . _ - between them')
  // Some invisible characters count as letters.
  .refine((value) => !hasInvisible(value), { error: 'holds something invisible' })
  .meta({ examples: ['alice'] });

export const email = z
  .email()
  .max(limits.email)
  .meta({ examples: ['alice@example.com'] });

/** The domain decides which passwords are good enough; the schema only bounds the work of hashing one. */
export const password = text({ min: 1, max: limits.password.max }).meta({ format: 'password', examples: ['correct horse battery'] });

export const signup = operation({
  name: 'auth.signup',
  summary: 'Create a user and sign in.',
  http: { method: 'POST', path: '/auth/signup', status: 201 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({ username, email, password, displayName: line({ min: 1, max: limits.displayName }).optional() }),
  output: Authenticated,
  errors: ['USERNAME_TAKEN', 'EMAIL_TAKEN', 'PASSWORD_TOO_WEAK'],
});
