import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, line, time } from '../kernel/types.ts';

export const ApiKey = z
  .object({
    id: id('apiKey'),
    name: z.string().meta({ examples: ['import'] }),
    scopes: z.array(z.string().meta({ examples: ['users:read'] })),
    createdBy: id('user').optional().meta({ description: 'absent where another key made it' }),
    createdAt: time,
    expiresAt: time.optional().meta({ description: 'absent: until revoked' }),
    lastUsedAt: time.optional().meta({ description: 'to the minute' }),
    previousUntil: time.optional().meta({ description: 'until when the key as it was before the last rotation is good as well' }),
  })
  .meta({ id: 'ApiKey' });

const Issued = z
  .object({ apiKey: ApiKey, key: z.string().meta({ description: 'the bearer token; shown this once', examples: ['ck_4Fz…'] }) })
  .meta({ id: 'IssuedApiKey' });

const scopes = z
  .array(line({ min: 1, max: 64 }).meta({ examples: ['users:read'] }))
  .min(1)
  .max(64)
  .transform((given) => [...new Set(given)])
  .meta({ examples: [['users:read', 'users:import']], minItems: 1, maxItems: 64 });

export const createApiKey = operation({
  name: 'admin.createApiKey',
  summary: 'Make an API key, by which a server of the account calls.',
  http: { method: 'POST', path: '/admin/api-keys', status: 201 },
  access: 'admin',
  scope: 'api-keys:write',
  answersToken: true,
  input: z.strictObject({
    name: line({ min: 1, max: limits.apiKeys.name }).meta({ examples: ['import'] }),
    scopes,
    expiresInSeconds: z.int().min(limits.apiKeys.seconds.min).max(limits.apiKeys.seconds.max).optional(),
  }),
  output: Issued,
  errors: ['API_KEY_LIMIT_REACHED', 'REAUTHENTICATION_REQUIRED'],
});

export const listApiKeys = operation({
  name: 'admin.listApiKeys',
  summary: 'The API keys that are good, the newest first.',
  http: { method: 'GET', path: '/admin/api-keys', status: 200 },
  access: 'admin',
  scope: 'api-keys:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(ApiKey) }),
  errors: [],
});

export const rotateApiKey = operation({
  name: 'admin.rotateApiKey',
  summary: 'Replace the text of an API key. The old one stays good for the time of the overlap.',
  http: { method: 'POST', path: '/admin/api-keys/:apiKeyId/rotate', status: 200 },
  access: 'admin',
  scope: 'api-keys:write',
  answersToken: true,
  input: z.strictObject({
    apiKeyId: id('apiKey'),
    overlapSeconds: z.int().min(0).max(limits.apiKeys.overlapSeconds).default(86_400),
  }),
  output: Issued,
  errors: ['API_KEY_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
});

export const revokeApiKey = operation({
  name: 'admin.revokeApiKey',
  summary: 'Revoke an API key: it is refused from now on.',
  http: { method: 'DELETE', path: '/admin/api-keys/:apiKeyId', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'api-keys:write',
  input: z.strictObject({ apiKeyId: id('apiKey') }),
  errors: ['API_KEY_NOT_FOUND'],
});
