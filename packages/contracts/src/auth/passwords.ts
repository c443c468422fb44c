import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { text } from '../kernel/types.ts';
import { mailedToken } from './mailed-token.ts';
import { email, password } from './signup.ts';

export const forgotPassword = operation({
  name: 'auth.forgotPassword',
  summary: 'Send a link for a new password to this address; the answer is the same whether or not somebody has it.',
  http: { method: 'POST', path: '/auth/password/forgot', status: 204 },
  access: 'public',
  input: z.strictObject({ email }),
  errors: ['MAIL_UNAVAILABLE', 'RATE_LIMITED'],
});

export const resetPassword = operation({
  name: 'auth.resetPassword',
  summary: 'Choose a new password by the link of a mail. Signs out everywhere.',
  http: { method: 'POST', path: '/auth/password/reset', status: 204 },
  access: 'public',
  input: z.strictObject({ token: mailedToken, password }),
  errors: ['LINK_INVALID', 'PASSWORD_TOO_WEAK', 'FORBIDDEN'],
});

export const changePassword = operation({
  name: 'auth.changePassword',
  summary: 'Change your password, or choose a first one soon after signing in. Signs out your other devices.',
  http: { method: 'POST', path: '/auth/password/change', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ currentPassword: password.optional(), newPassword: password }),
  errors: ['PASSWORD_TOO_WEAK', 'REAUTHENTICATION_REQUIRED', 'INVALID_CREDENTIALS', 'RATE_LIMITED'],
});

const sentence = (example: string) =>
  z.string().meta({ description: 'in English, for clients that have no sentence of their own', examples: [example] });
const warnings = z.enum([
  'straight_row',
  'key_pattern',
  'simple_repeat',
  'extended_repeat',
  'sequences',
  'recent_years',
  'dates',
  'top_ten',
  'top_hundred',
  'common',
  'similar_to_common',
  'word_by_itself',
  'names_by_themselves',
  'common_names',
  'user_inputs',
]);
const suggestions = z.enum([
  'l33t',
  'reverse_words',
  'all_uppercase',
  'capitalization',
  'dates',
  'recent_years',
  'associated_years',
  'sequences',
  'repeated',
  'longer_keyboard_pattern',
  'another_word',
  'use_words',
  'no_need',
]);

export const passwordHint = operation({
  name: 'auth.passwordHint',
  summary: 'How hard a password is to guess, and whether it would be taken; for a form, before it is sent.',
  http: { method: 'POST', path: '/auth/password/hint', status: 200 },
  access: 'public',
  input: z.strictObject({
    password,
    // As far as they have been typed.
    username: text({ max: limits.username.max * 4 })
      .optional()
      .meta({ examples: ['erin'] }),
    email: text({ max: limits.email })
      .optional()
      .meta({ examples: ['erin@example.com'] }),
    displayName: text({ max: limits.displayName })
      .optional()
      .meta({ examples: ['Erin'] }),
    secondFactor: z.boolean().optional().meta({ description: 'the password is not the only factor' }),
  }),
  output: z.object({
    score: z.int().min(0).max(4).meta({ description: 'from 0, guessed at once, to 4, out of reach; of the first 32 characters' }),
    warning: z.object({ code: warnings, text: sentence('A row of keys on the keyboard is easy to guess.') }).nullable(),
    suggestions: z.array(z.object({ code: suggestions, text: sentence('Signs in place of letters, such as "@" for "a", add little.') })),
    accepted: z.boolean().meta({ description: 'whether the account takes it' }),
    refusal: z
      .object({
        reason: z.enum(['length', 'common', 'personal', 'service', 'repetition']),
        min: z
          .int()
          .optional()
          .meta({ examples: [8] }),
        max: z
          .int()
          .optional()
          .meta({ examples: [128] }),
      })
      .nullable()
      .meta({ description: 'the rule that it breaks: the details of `PASSWORD_TOO_WEAK`' }),
  }),
  errors: ['RATE_LIMITED'],
});
