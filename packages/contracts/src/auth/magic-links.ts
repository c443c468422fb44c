import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { mailedToken } from './mailed-token.ts';
import { Authenticated, sessionMode } from './session.ts';
import { email } from './signup.ts';

export const requestMagicLink = operation({
  name: 'auth.requestMagicLink',
  summary: 'Send a link that signs in to this address; the answer is the same whether or not somebody has it.',
  http: { method: 'POST', path: '/auth/magic-links', status: 204 },
  access: 'public',
  input: z.strictObject({ email }),
  errors: ['MAIL_UNAVAILABLE', 'RATE_LIMITED'],
});

export const consumeMagicLink = operation({
  name: 'auth.consumeMagicLink',
  summary: 'Sign in by the link of a mail. Somebody new is signed up, where anybody may sign up.',
  http: { method: 'POST', path: '/auth/magic-links/consume', status: 200 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({ token: mailedToken, mode: sessionMode }),
  output: Authenticated,
  errors: [
    'LINK_INVALID',
    'PLAN_LIMIT_REACHED',
    'SECOND_FACTOR_REQUIRED',
    'USER_SUSPENDED',
    'ACCOUNT_SUSPENDED',
    'USERNAME_TAKEN',
    'EMAIL_TAKEN',
    'FORBIDDEN',
  ],
});
