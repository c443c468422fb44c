import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { text } from '../kernel/types.ts';
import { recoveryCode, totp } from './second-factor.ts';
import { Authenticated, deviceToken, sessionMode } from './session.ts';
import { password } from './signup.ts';

/** Keyboards put a blank after a name that they complete. */
const identifier = text({ min: 1, max: limits.email }).trim();

export const login = operation({
  name: 'auth.login',
  summary: 'Sign in with a username or an e-mail address and a password.',
  http: { method: 'POST', path: '/auth/login', status: 200 },
  access: 'public',
  answersToken: true,
  input: z
    .strictObject({
      identifier: identifier.optional().meta({ description: 'a username or an e-mail address' }),
      username: identifier.optional(),
      email: identifier.optional(),
      password,
      mode: sessionMode,
      totp: totp.optional(),
      recoveryCode: recoveryCode.optional(),
      deviceToken: deviceToken.optional(),
    })
    .refine((input) => [input.identifier, input.username, input.email].filter((value) => value !== undefined).length === 1, {
      error: 'takes exactly one of identifier, username and email',
      path: ['identifier'],
    })
    .refine((input) => input.totp === undefined || input.recoveryCode === undefined, {
      error: 'takes one of totp and recoveryCode',
      path: ['totp'],
    })
    // One of the demo people, so that the example works where they exist.
    .meta({ examples: [{ identifier: 'alice', password: 'coucou-alice' }] }),
  output: Authenticated,
  errors: ['INVALID_CREDENTIALS', 'SECOND_FACTOR_REQUIRED', 'CODE_INVALID', 'RATE_LIMITED', 'USER_SUSPENDED', 'ACCOUNT_SUSPENDED'],
});
