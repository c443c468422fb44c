import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { Authenticated } from './session.ts';

export const refresh = operation({
  name: 'auth.refresh',
  summary: 'Exchange a refresh token for new tokens; each refresh token works once.',
  http: { method: 'POST', path: '/auth/refresh', status: 200 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({ refreshToken: z.string().min(1).max(512) }),
  output: Authenticated,
  errors: ['UNAUTHENTICATED', 'REFRESH_TOKEN_REUSED', 'SESSION_REVOKED', 'USER_SUSPENDED', 'FORBIDDEN'],
});
