import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { clientKey } from './accounts.ts';

/** As the settings of the server have it. */
const count = z.int().min(1).max(9_999_999);

const rates = z.array(z.strictObject({ limit: count, windowSeconds: count })).max(5);
const rate = (what: string) =>
  rates
    .optional()
    .meta({ description: `${what}; all rates hold, and an empty list is no limit`, examples: [[{ limit: 30, windowSeconds: 60 }]] });

const fields = {
  rest: rate('requests of one person or API key'),
  socketEvents: rate('events that one socket sends'),
  userMessages: rate('messages of one person'),
  conversationMessages: rate('messages in one conversation'),
  connections: count.optional().meta({ description: 'sockets of one person, open at once on one node' }),
};

const AccountLimits = z.object(fields).meta({ id: 'AccountLimits' });

const LimitsOfAccount = z
  .object({
    own: AccountLimits.meta({ description: 'what the operator granted the account in place of the limits of the server' }),
    inForce: AccountLimits.meta({ description: 'with the limits of the server where nothing was granted' }),
  })
  .meta({ id: 'LimitsOfAccount' });

export const getOwnLimits = operation({
  name: 'admin.getLimits',
  summary: 'The limits that hold in the account. Only the operator changes them.',
  http: { method: 'GET', path: '/admin/limits', status: 200 },
  access: 'admin',
  scope: 'settings:read',
  input: z.strictObject({}),
  output: LimitsOfAccount,
  errors: [],
});

export const getAccountLimits = operation({
  name: 'accounts.getLimits',
  summary: 'The limits that hold in an account.',
  http: { method: 'GET', path: '/system/accounts/:clientKey/limits', status: 200 },
  access: 'system',
  input: z.strictObject({ clientKey }),
  output: LimitsOfAccount,
  errors: ['ACCOUNT_NOT_FOUND'],
});

export const putAccountLimits = operation({
  name: 'accounts.putLimits',
  summary:
    'Put limits of an account in place of those of the server; what is absent is as the server has it. In force on every node within two seconds.',
  http: { method: 'PUT', path: '/system/accounts/:clientKey/limits', status: 200 },
  access: 'system',
  input: z.strictObject({ clientKey, ...fields }),
  output: LimitsOfAccount,
  errors: ['ACCOUNT_NOT_FOUND'],
});
