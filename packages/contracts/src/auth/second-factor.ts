import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { reauthentication, reauthenticationErrors } from './reauthentication.ts';
import { Authenticated, deviceToken, sessionMode } from './session.ts';

/** Typed as apps show it, with or without a blank in the middle. */
export const totp = z
  .string()
  .max(16)
  .overwrite((code) => code.replaceAll(/\s/g, ''))
  .regex(/^\d{6}$/, 'must be six digits')
  .meta({ description: 'the code that the authenticator app shows', examples: ['123456'] });

export const recoveryCode = z
  .string()
  .min(1)
  .max(64)
  .meta({ description: 'one of the recovery codes; each is good once', examples: ['k3j9-x2m4-q7wd'] });

const challenge = z
  .string()
  .min(1)
  .max(1_024)
  .meta({ description: 'of SECOND_FACTOR_REQUIRED', examples: ['8ZbS0vF1oQ5iQm2JtWcN8r7pLd6sUeAaBbc'] });
const recoveryCodes = z
  .array(z.string().meta({ examples: ['k3j9-x2m4-q7wd'] }))
  .meta({ description: 'shown this once; they take the place of all earlier ones' });
const RecoveryCodes = z.object({ recoveryCodes }).meta({ id: 'RecoveryCodes' });

export const answerChallenge = operation({
  name: 'auth.secondFactor',
  summary: 'The second step of a sign-in: answer SECOND_FACTOR_REQUIRED with a code.',
  http: { method: 'POST', path: '/auth/second-factor', status: 200 },
  access: 'public',
  answersToken: true,
  input: z
    .strictObject({
      challenge,
      totp: totp.optional(),
      recoveryCode: recoveryCode.optional(),
      mode: sessionMode,
      deviceToken: deviceToken.optional(),
    })
    .refine((input) => (input.totp === undefined) !== (input.recoveryCode === undefined), {
      error: 'takes exactly one of totp and recoveryCode',
      path: ['totp'],
    }),
  output: Authenticated.extend({
    recoveryCodes: recoveryCodes.optional().meta({ description: 'after an app was set up with this challenge; shown this once' }),
  }).meta({ id: 'SecondFactorAuthenticated' }),
  errors: ['CODE_INVALID', 'RATE_LIMITED', 'USER_SUSPENDED', 'ACCOUNT_SUSPENDED', 'FORBIDDEN'],
});

export const listSecondFactors = operation({
  name: 'auth.secondFactors',
  summary: 'What the signed-in user has besides a password.',
  http: { method: 'GET', path: '/auth/second-factor', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject({}),
  output: z.object({ totp: z.boolean(), recoveryCodes: z.int().meta({ description: 'how many are left' }), passkeys: z.int() }),
  errors: [],
});

export const enrollTotp = operation({
  name: 'auth.totpEnroll',
  summary:
    'Make the secret of an authenticator app, shown this once. The app counts from its first code on: auth.totpConfirm; with a challenge, auth.secondFactor.',
  http: { method: 'POST', path: '/auth/totp/enroll', status: 200 },
  // Signed-in people; or, by their challenge, admins who are let in only with a second factor.
  access: 'public',
  answersToken: true,
  input: z.strictObject({
    ...reauthentication,
    challenge: challenge.optional().meta({ description: 'of SECOND_FACTOR_REQUIRED with enroll, instead of an access token' }),
  }),
  output: z.object({
    secret: z.string().meta({ description: 'base32', examples: ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'] }),
    uri: z.string().meta({
      description: 'otpauth, for a QR code',
      examples: ['otpauth://totp/Coucou:alice?issuer=Coucou&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
    }),
  }),
  errors: ['UNAUTHENTICATED', 'CODE_INVALID', 'SECOND_FACTOR_EXISTS', 'FORBIDDEN', ...reauthenticationErrors],
});

export const confirmTotp = operation({
  name: 'auth.totpConfirm',
  summary: 'The first code of the app: from now on every sign-in asks for one.',
  http: { method: 'POST', path: '/auth/totp/confirm', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject({ code: totp }),
  output: RecoveryCodes,
  errors: ['CODE_INVALID', 'SECOND_FACTOR_NOT_FOUND', 'SECOND_FACTOR_EXISTS', 'RATE_LIMITED'],
});

export const disableTotp = operation({
  name: 'auth.totpDisable',
  summary: 'Sign in without codes again; the recovery codes end as well.',
  http: { method: 'POST', path: '/auth/totp/disable', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  whileUnproven: true,
  input: z.strictObject(reauthentication),
  errors: ['SECOND_FACTOR_NOT_FOUND', 'PASSWORD_TOO_WEAK', 'FORBIDDEN', ...reauthenticationErrors],
});

export const renewRecoveryCodes = operation({
  name: 'auth.renewRecoveryCodes',
  summary: 'Ten new recovery codes, which replace all earlier ones.',
  http: { method: 'POST', path: '/auth/totp/recovery-codes', status: 200 },
  access: 'user',
  whileUnproven: true,
  input: z.strictObject(reauthentication),
  output: RecoveryCodes,
  errors: ['SECOND_FACTOR_NOT_FOUND', ...reauthenticationErrors],
});
