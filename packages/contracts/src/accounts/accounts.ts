import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, line, time } from '../kernel/types.ts';

export const clientKey = z
  .string()
  .min(1)
  .max(limits.clientKey)
  .regex(/^[\w.~-]+$/, 'takes letters, digits and . _ ~ -')
  .meta({ examples: ['acme'] });

export const Account = z
  .object({
    id: id('account'),
    name: z.string().meta({ examples: ['Acme'] }),
    clientKey: z.string().meta({ examples: ['acme'] }),
    createdAt: time,
  })
  .meta({ id: 'Account' });

export const createAccount = operation({
  name: 'accounts.create',
  summary: 'Make an account. Its first owner is made by `pnpm cli create-admin`.',
  http: { method: 'POST', path: '/system/accounts', status: 201 },
  access: 'system',
  input: z.strictObject({ name: line({ min: 1, max: limits.displayName }).meta({ examples: ['Acme'] }), clientKey }),
  output: Account,
  errors: ['ACCOUNT_CLIENT_KEY_TAKEN'],
});

export const suspendAccount = operation({
  name: 'accounts.suspend',
  summary: 'Keep everybody of an account out: tokens and API keys are refused, sockets close.',
  http: { method: 'POST', path: '/system/accounts/:clientKey/suspend', status: 204 },
  access: 'system',
  input: z.strictObject({ clientKey }),
  errors: ['ACCOUNT_NOT_FOUND'],
});

export const restoreAccount = operation({
  name: 'accounts.restore',
  summary: 'Lift the suspension of an account.',
  http: { method: 'POST', path: '/system/accounts/:clientKey/restore', status: 204 },
  access: 'system',
  input: z.strictObject({ clientKey }),
  errors: ['ACCOUNT_NOT_FOUND'],
});
