import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { isStorable } from '../kernel/types.ts';
import { Authenticated, sessionMode } from './session.ts';
import { admission, invite } from './signup.ts';

/** As in the names of settings, in lower case. */
const provider = z
  .string()
  .regex(/^[a-z0-9]{1,32}$/)
  .meta({ description: 'one of the providers that this server lists', examples: ['google'] });

/**
 * An address to which a sign-in returns, from here on as URL parsers write it. Its scheme is that of the web, or a private one with a dot in
 * it, as apps have them (RFC 8252, 7.1). What the server adds to its query is not there yet.
 */
export const returnAddress = z
  .url({ normalize: true, protocol: /^(https?|[a-z][a-z0-9+-]*\.[a-z0-9+.-]+)$/ })
  .max(limits.url)
  .refine(isStorable)
  .refine((value) => !/^[^:]+:\/\/[^/?#]*@/.test(value), { error: 'holds a user or a password' })
  .refine((value) => !value.includes('#'), { error: 'holds a fragment' })
  .refine((value) => !/[?&](code|error)=/.test(value), { error: 'holds a parameter named code or error' })
  .meta({ examples: ['https://app.example.com/signed-in'] });

/** A PKCE verifier (RFC 7636, 4.1). */
const codeVerifier = z.string().regex(/^[\w.~-]{43,128}$/);

/** What the callback gave to the client. */
export const presentedCode = {
  code: z.string().min(1).max(8_192),
  codeVerifier: codeVerifier.optional().meta({
    description: 'the verifier of the code_challenge that the sign-in was begun with; without one the cookie of the browser is needed',
  }),
};

export const oauthProviders = operation({
  name: 'auth.oauthProviders',
  summary: 'The identity providers that people can sign in with.',
  http: { method: 'GET', path: '/auth/oauth', status: 200 },
  access: 'public',
  input: z.strictObject({}),
  output: z.object({ items: z.array(z.object({ id: provider, name: z.string().meta({ examples: ['Google'] }) })) }),
  errors: [],
});

export const oauthStart = operation({
  name: 'auth.oauthStart',
  summary: 'Send the browser to an identity provider; a page to open, not to call.',
  http: { method: 'GET', path: '/auth/oauth/:provider', status: 302, redirect: true },
  access: 'public',
  answersToken: true,
  input: z.strictObject({
    provider,
    return_to: returnAddress.optional().meta({
      description: 'where the browser goes in the end, with a code or an error in its query; one of the addresses that are allowed',
    }),
    code_challenge: z
      .string()
      .regex(/^[\w-]{43}$/)
      .optional()
      .meta({
        description: 'the S256 challenge of a verifier (RFC 7636): the code is then of use only with this verifier, and without a cookie',
      }),
    client_key: z.string().max(128).optional().meta({ description: 'names the account, as X-Client-Key does where headers can be set' }),
  }),
  errors: ['OAUTH_PROVIDER_UNKNOWN', 'RETURN_TO_REFUSED'],
});

export const oauthCallback = operation({
  name: 'auth.oauthCallback',
  summary: 'Where identity providers send the browser back; it goes on to the address of the client.',
  http: { method: 'GET', path: '/auth/oauth/:provider/callback', status: 302, redirect: true },
  access: 'public',
  answersToken: true,
  // Providers add what they like.
  input: z
    .object({
      provider,
      state: z.string().max(8_192),
      code: z.string().max(4_096).optional(),
      iss: z.string().max(2_048).optional(),
      error: z.string().max(256).optional(),
    })
    .catchall(z.string().max(4_096)),
  errors: ['OAUTH_PROVIDER_UNKNOWN', 'OAUTH_STATE_INVALID'],
});

export const oauthExchange = operation({
  name: 'auth.oauthExchange',
  summary: 'Sign in with the code that the browser came back with.',
  http: { method: 'POST', path: '/auth/oauth/exchange', status: 200 },
  access: 'public',
  answersToken: true,
  input: z.strictObject({
    ...presentedCode,
    invite: invite.optional().meta({ description: 'of somebody new, where the account lets in whom it invited' }),
    mode: sessionMode,
  }),
  output: Authenticated,
  errors: [
    'OAUTH_CODE_INVALID',
    'PLAN_LIMIT_REACHED',
    'OAUTH_EMAIL_UNVERIFIED',
    'SECOND_FACTOR_REQUIRED',
    ...admission,
    'EMAIL_TAKEN',
    'USERNAME_TAKEN',
    'USER_SUSPENDED',
    'ACCOUNT_SUSPENDED',
    'FORBIDDEN',
    'UNAUTHENTICATED',
  ],
});
