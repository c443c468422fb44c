import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { Authenticated, sessionMode } from './session.ts';
import { admission, invite } from './signup.ts';

/** A JWT of an issuer outside this server. */
export const externalToken = z
  .string()
  .min(1)
  .max(limits.issuers.token)
  .meta({ examples: ['eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOi…'] });

export const exchangeToken = operation({
  name: 'auth.exchangeToken',
  summary: 'Sign in with a token of an issuer that the account has registered. Each is good once.',
  http: { method: 'POST', path: '/auth/tokens/exchange', status: 200 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({
    token: externalToken,
    invite: invite.optional().meta({ description: 'of somebody new, where the account lets in whom it invited' }),
    mode: sessionMode,
  }),
  output: Authenticated,
  errors: [
    'PLAN_LIMIT_REACHED',
    'EXTERNAL_TOKEN_INVALID',
    'ISSUER_UNAVAILABLE',
    'OAUTH_EMAIL_UNVERIFIED',
    'SECOND_FACTOR_REQUIRED',
    'RATE_LIMITED',
    ...admission,
    'EMAIL_TAKEN',
    'USERNAME_TAKEN',
    'USER_SUSPENDED',
    'ACCOUNT_SUSPENDED',
    'FORBIDDEN',
    'UNAUTHENTICATED',
  ],
});
