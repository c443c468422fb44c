import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { line } from '../kernel/types.ts';
import { User } from '../users/user.ts';
import { Authenticated, sessionMode } from './session.ts';
import { admission, email, invite, password, username } from './signup.ts';

const displayName = line({ min: 1, max: limits.displayName }).optional();

export const guest = operation({
  name: 'auth.guest',
  summary: 'Come in as a guest, where the account lets guests in.',
  http: { method: 'POST', path: '/auth/guest', status: 201 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({ displayName, mode: sessionMode }),
  output: Authenticated,
  errors: ['GUESTS_NOT_ALLOWED', 'RATE_LIMITED', 'ACCOUNT_SUSPENDED'],
});

export const upgradeGuest = operation({
  name: 'auth.upgradeGuest',
  summary: 'Become a member: the guest keeps their id, their history and their session.',
  http: { method: 'POST', path: '/auth/guest/upgrade', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ username, email, password, displayName, invite: invite.optional() }),
  output: User,
  errors: [...admission, 'PLAN_LIMIT_REACHED', 'NOT_A_GUEST', 'USERNAME_TAKEN', 'EMAIL_TAKEN', 'PASSWORD_TOO_WEAK', 'RATE_LIMITED'],
});
