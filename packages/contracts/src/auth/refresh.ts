import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { Authenticated } from './session.ts';

export const refresh = operation({
  name: 'auth.refresh',
  summary: 'Exchange a refresh token for new tokens. One that was spent answers its successor again until that has been used.',
  http: { method: 'POST', path: '/auth/refresh', status: 200 },
  access: 'public',
  answersToken: true,
  refreshCookie: 'takes',
  input: z.strictObject({
    refreshToken: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .meta({ description: 'absent: the one of the cookie, whose successor is set as a cookie' }),
  }),
  output: Authenticated.extend({
    refresh: z
      .enum(['rotated', 'recovered'])
      .meta({ description: 'recovered: the refresh token of an earlier answer, which may have been lost, with a fresh access token' }),
  }).meta({ id: 'Refreshed' }),
  errors: ['UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED', 'SESSION_REVOKED', 'USER_SUSPENDED', 'ACCOUNT_SUSPENDED', 'FORBIDDEN', 'CSRF_FAILED'],
});
