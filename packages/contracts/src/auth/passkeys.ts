import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, line, time } from '../kernel/types.ts';
import { reauthentication, reauthenticationErrors } from './reauthentication.ts';
import { Authenticated, sessionMode } from './session.ts';

/** Base64url, as `PublicKeyCredential.toJSON()` writes bytes. */
const bytes = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'must be base64url')
    .meta({ examples: ['eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0'] });
const credentialId = bytes(1_400);
const transports = z
  .array(
    z
      .string()
      .max(32)
      .meta({ examples: ['internal'] }),
  )
  .max(10);

/** Fields that browsers add are dropped: nothing depends on them, and new ones must not keep people out. */
const common = {
  id: credentialId,
  type: z.literal('public-key'),
};

const Registration = z.object({
  ...common,
  response: z.object({ clientDataJSON: bytes(8_192), attestationObject: bytes(32_768), transports: transports.optional() }),
});

const Assertion = z.object({
  ...common,
  response: z.object({
    clientDataJSON: bytes(8_192),
    authenticatorData: bytes(8_192),
    signature: bytes(2_048),
    userHandle: bytes(128).optional(),
  }),
});

export const Passkey = z
  .object({
    id: id('passkey'),
    name: z.string(),
    backedUp: z.boolean().meta({ description: 'synced to other devices of the person' }),
    createdAt: time,
    lastUsedAt: time.optional(),
  })
  .meta({ id: 'Passkey' });

const CreationOptions = z
  .object({
    challenge: z.string().meta({ examples: ['8ZbS0vF1oQ5iQm2JtWcN8r7pLd6sUeAaBbc'] }),
    rp: z.object({ id: z.string().meta({ examples: ['chat.example.com'] }), name: z.string().meta({ examples: ['Coucou'] }) }),
    user: z.object({ id: z.string().meta({ examples: ['AZNtLnyKez6fAFocKz1OXw'] }), name: z.string(), displayName: z.string() }),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
    timeout: z.int(),
    excludeCredentials: z.array(z.object({ type: z.literal('public-key'), id: credentialId, transports })),
    authenticatorSelection: z.object({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
  })
  .meta({ id: 'PasskeyCreationOptions', description: 'for PublicKeyCredential.parseCreationOptionsFromJSON' });

const RequestOptions = z
  .object({
    challenge: z.string().meta({ examples: ['8ZbS0vF1oQ5iQm2JtWcN8r7pLd6sUeAaBbc'] }),
    rpId: z.string().meta({ examples: ['chat.example.com'] }),
    timeout: z.int(),
    userVerification: z.literal('required'),
  })
  .meta({ id: 'PasskeyRequestOptions', description: 'for PublicKeyCredential.parseRequestOptionsFromJSON' });

export const passkeyRegisterOptions = operation({
  name: 'auth.passkeyRegisterOptions',
  summary: 'What a browser makes a passkey by.',
  http: { method: 'POST', path: '/auth/passkeys/register/options', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject(reauthentication),
  output: CreationOptions,
  errors: ['PASSKEY_LIMIT_REACHED', ...reauthenticationErrors],
});

export const passkeyRegister = operation({
  name: 'auth.passkeyRegister',
  summary: 'Add the passkey that the browser made: from now on it signs in without a username, a password or a code.',
  http: { method: 'POST', path: '/auth/passkeys/register', status: 201 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ credential: Registration, name: line({ min: 1, max: 64 }).default('Passkey') }),
  output: Passkey,
  errors: ['PASSKEY_INVALID', 'PASSKEY_LIMIT_REACHED'],
});

export const passkeyLoginOptions = operation({
  name: 'auth.passkeyLoginOptions',
  summary: 'What a browser asks for a passkey by, also as conditional UI on a page that stays open: good for an hour.',
  http: { method: 'POST', path: '/auth/passkeys/login/options', status: 200 },
  access: 'public',
  input: z.strictObject({}),
  output: RequestOptions,
  errors: [],
});

export const passkeyLogin = operation({
  name: 'auth.passkeyLogin',
  summary: 'Sign in with a passkey. It stands for both factors.',
  http: { method: 'POST', path: '/auth/passkeys/login', status: 200 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({ credential: Assertion, mode: sessionMode }),
  output: Authenticated,
  errors: ['PASSKEY_REFUSED', 'USER_SUSPENDED', 'ACCOUNT_SUSPENDED', 'FORBIDDEN'],
});

export const listPasskeys = operation({
  name: 'auth.passkeys',
  summary: 'The passkeys of the signed-in user.',
  http: { method: 'GET', path: '/auth/passkeys', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject({}),
  output: z.object({ items: z.array(Passkey) }),
  errors: [],
});

export const removePasskey = operation({
  name: 'auth.removePasskey',
  summary: 'Remove a passkey; the last way to sign in stays.',
  http: { method: 'DELETE', path: '/auth/passkeys/:passkeyId', status: 204, body: true },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject({ passkeyId: id('passkey'), ...reauthentication }),
  errors: ['PASSKEY_NOT_FOUND', 'LAST_WAY_IN', 'FORBIDDEN', ...reauthenticationErrors],
});
