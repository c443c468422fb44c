import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { invite } from '../auth/signup.ts';
import { operation } from '../kernel/operation.ts';
import { httpUrl, time } from '../kernel/types.ts';
import { mailLocale } from '../mail/templates.ts';

const domain = z
  .string()
  .max(253)
  .toLowerCase()
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'must be a domain, such as example.com')
  .meta({ examples: ['example.com'] });

/** As APP_URL of the server: paths and the token of a link follow it. */
const appUrl = httpUrl.regex(/^[^?#@]*$/, 'must be an address without user, query and fragment');

const seconds = (min: number, max: number) => z.int().min(min).max(max).optional();
const YEAR = 366 * 86_400;

const fields = {
  signup: z
    .enum(['open', 'invite', 'closed'])
    .default('open')
    .meta({ description: 'who may sign up: anybody, those with an invite, nobody' }),
  emailDomains: z
    .array(domain)
    .max(100)
    .default([])
    .meta({ description: 'domains that addresses of new people must have; any when empty' }),
  passwordPolicy: z.enum(['default', 'nist-aal1']).default('default'),
  accessTokenTtlSeconds: seconds(30, 86_400).meta({ description: 'absent: as the server has it' }),
  refreshTokenTtlSeconds: seconds(60, YEAR).meta({ description: 'absent: as the server has it' }),
  sessionLifetimeSeconds: seconds(60, 10 * YEAR).meta({ description: 'the longest that a session may last; absent: without an end' }),
  adminsNeedSecondFactor: z.boolean().default(false),
  guests: z.boolean().default(false).meta({ description: 'whether guests may come in' }),
  boundSessions: z.boolean().default(false).meta({ description: 'whether sessions are bound to a key of the client (DPoP)' }),
  emailVerificationRequired: z
    .boolean()
    .default(false)
    .meta({ description: 'whether people act only once their e-mail address is confirmed; without it an address is what somebody typed' }),
  locale: mailLocale
    .optional()
    .meta({ examples: ['fr'], description: 'the language of mails to people who chose none (preferences); English where absent' }),
  appUrl: appUrl.optional().meta({ description: 'the client app, for links in mails' }),
  returnTo: z.array(httpUrl).max(100).default([]).meta({ description: 'addresses to which a login may return' }),
};

export const AccountSettings = z.object(fields).meta({ id: 'AccountSettings' });

export const getSettings = operation({
  name: 'admin.getSettings',
  summary: 'The settings of the account.',
  http: { method: 'GET', path: '/admin/settings', status: 200 },
  access: 'admin',
  scope: 'settings:read',
  input: z.strictObject({}),
  output: AccountSettings,
  errors: [],
});

export const putSettings = operation({
  name: 'admin.putSettings',
  summary:
    'Replace the settings of the account; what is absent gets its default. Sessions that are open keep their lifetimes. Owners alone change `appUrl`, `returnTo` and `adminsNeedSecondFactor`.',
  http: { method: 'PUT', path: '/admin/settings', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'settings:write',
  input: z.strictObject(fields),
  output: AccountSettings,
  errors: ['EMAIL_NOT_VERIFIED', 'REAUTHENTICATION_REQUIRED'],
});

export const createInvite = operation({
  name: 'admin.createInvite',
  summary: 'Make an invite, with which people sign up where that needs one.',
  http: { method: 'POST', path: '/admin/invites', status: 201 },
  access: 'admin',
  scope: 'invites:write',
  input: z.strictObject({
    uses: z.int().min(1).max(limits.accountInvite.uses).default(1),
    expiresInSeconds: z.int().min(60).max(limits.accountInvite.seconds).default(604_800),
  }),
  output: z.object({ invite: z.string().meta({ examples: ['pJ3x…'] }), uses: z.int(), expiresAt: time }).meta({ id: 'AccountInvite' }),
  errors: [],
});

export const revokeInvite = operation({
  name: 'admin.revokeInvite',
  summary: 'Revoke what is left of an invite.',
  http: { method: 'POST', path: '/admin/invites/revoke', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'invites:write',
  input: z.strictObject({ invite }),
  output: z.object({ revoked: z.int().meta({ description: 'how many uses were left' }) }),
  errors: ['INVITE_NOT_FOUND'],
});
