import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { User } from '../users/user.ts';
import { mailedToken } from './mailed-token.ts';
import { email, password } from './signup.ts';

export const verifyEmail = operation({
  name: 'auth.verifyEmail',
  summary: 'Confirm your e-mail address, or a change to another, by the link that was sent there, while signed in.',
  http: { method: 'POST', path: '/auth/email/verify', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ token: mailedToken }),
  output: User,
  errors: ['LINK_INVALID', 'EMAIL_TAKEN', 'FORBIDDEN'],
});

export const resendVerification = operation({
  name: 'auth.resendVerification',
  summary: 'Send the link that confirms your e-mail address again; nothing is sent for a confirmed one.',
  http: { method: 'POST', path: '/auth/email/resend', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({}),
  errors: ['MAIL_UNAVAILABLE', 'RATE_LIMITED'],
});

export const changeEmail = operation({
  name: 'auth.changeEmail',
  summary: 'Ask for another e-mail address: it is yours once you follow the link that is sent there. Who has a password sends it along.',
  http: { method: 'POST', path: '/auth/email/change', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ email, password: password.optional() }),
  errors: ['MAIL_UNAVAILABLE', 'REAUTHENTICATION_REQUIRED', 'INVALID_CREDENTIALS', 'RATE_LIMITED'],
});

export const undoEmailChange = operation({
  name: 'auth.undoEmailChange',
  summary: 'Go back to the e-mail address before a change, by the link that was sent there. Signs out everywhere and voids the password.',
  http: { method: 'POST', path: '/auth/email/undo', status: 204 },
  access: 'public',
  input: z.strictObject({ token: mailedToken }),
  errors: ['LINK_INVALID', 'EMAIL_TAKEN', 'FORBIDDEN'],
});
