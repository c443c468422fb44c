import { limits } from '@coucou/domain/kernel/limits';
import { hasInvisible } from '@coucou/domain/kernel/visible';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { line, text } from '../kernel/types.ts';
import { Authenticated, sessionMode } from './session.ts';

/** Marks on one letter, of an accent or a vowel; more are drawn over the lines around them (UTS #39, 5.4). */
const STACKED_MARKS = /[\p{Mn}\p{Me}]{5}/u;

/** Composed (NFC), so that a name has one length and one spelling, and without the blanks that keyboards put around it. */
export const username = z
  .string()
  // Cheap bound first: a letter decomposes to four code points at most.
  .max(limits.username.max * 4)
  .trim()
  .normalize('NFC')
  .min(limits.username.min)
  .max(limits.username.max)
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u, 'takes letters with their marks, digits, and . _ - between them')
  // Some invisible characters count as letters.
  .refine((value) => !hasInvisible(value), { error: 'holds something invisible' })
  .refine((value) => !STACKED_MARKS.test(value.normalize('NFD')), { error: 'has more than four marks on a letter' })
  .meta({ examples: ['erin'] });

/**
 * In one form before it is checked (NFKC), so that what looks the same is the same. International domains come in their ASCII form (xn--…), as
 * browsers send them: one that only looks like another is another.
 */
export const email = z
  .string()
  .max(limits.email)
  .trim()
  .normalize('NFKC')
  .check(z.email())
  .meta({ examples: ['erin@example.com'] });

/**
 * The domain decides which passwords are good enough, by what NFKC makes of them; the schema only bounds the work of that. A letter is sent
 * in four code points at most.
 */
export const password = text({ min: 1, max: limits.password.max * 4 }).meta({ format: 'password', examples: ['coucou-erin'] });

export const invite = line({ min: 1, max: 1_024 }).meta({ examples: ['pJ3x…'] });

/** Why somebody may not come in by themselves. */
export const admission = ['SIGNUP_CLOSED', 'EMAIL_DOMAIN_REFUSED', 'INVITE_NOT_FOUND', 'INVITE_EXHAUSTED'];

export const signup = operation({
  name: 'auth.signup',
  summary: 'Create a user and sign in.',
  http: { method: 'POST', path: '/auth/signup', status: 201 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({
    username,
    email,
    password,
    displayName: line({ min: 1, max: limits.displayName }).optional(),
    invite: invite.optional().meta({ description: 'where the account lets in whom it invited' }),
    mode: sessionMode,
  }),
  output: Authenticated,
  errors: [...admission, 'PLAN_LIMIT_REACHED', 'USERNAME_TAKEN', 'EMAIL_TAKEN', 'PASSWORD_TOO_WEAK', 'RATE_LIMITED', 'ACCOUNT_SUSPENDED'],
});
