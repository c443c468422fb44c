import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
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
  input: z.strictObject({ currentPassword: password.optional(), newPassword: password }),
  errors: ['PASSWORD_TOO_WEAK', 'REAUTHENTICATION_REQUIRED', 'INVALID_CREDENTIALS', 'RATE_LIMITED'],
});
