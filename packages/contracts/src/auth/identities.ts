import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, time } from '../kernel/types.ts';
import { presentedCode } from './oauth.ts';
import { reauthentication, reauthenticationErrors } from './reauthentication.ts';

export const Identity = z
  .object({
    id: id('identity'),
    issuer: z.string().meta({ examples: ['https://accounts.google.com'] }),
    provider: z
      .string()
      .optional()
      .meta({ description: 'the provider of this issuer, where there is one', examples: ['google'] }),
    email: z.string().optional().meta({ description: 'the address there' }),
    createdAt: time,
    lastUsedAt: time,
  })
  .meta({ id: 'Identity' });

export const listIdentities = operation({
  name: 'auth.listIdentities',
  summary: 'What the signed-in user can sign in with at identity providers.',
  http: { method: 'GET', path: '/auth/identities', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject({}),
  output: z.object({ items: z.array(Identity) }),
  errors: [],
});

export const linkIdentity = operation({
  name: 'auth.linkIdentity',
  summary: 'Link an identity to the signed-in user, by the code that the browser came back with.',
  http: { method: 'POST', path: '/auth/identities', status: 201, existing: 200 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ ...presentedCode, ...reauthentication }),
  output: Identity,
  errors: ['OAUTH_CODE_INVALID', 'IDENTITY_TAKEN', ...reauthenticationErrors],
});

export const unlinkIdentity = operation({
  name: 'auth.unlinkIdentity',
  summary: 'Unlink an identity; the last way to sign in stays.',
  http: { method: 'DELETE', path: '/auth/identities/:identityId', status: 204, body: true },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ identityId: id('identity'), ...reauthentication }),
  errors: ['IDENTITY_NOT_FOUND', 'LAST_WAY_IN', ...reauthenticationErrors],
});
