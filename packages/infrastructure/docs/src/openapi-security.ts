import type { Access, Operation } from '@coucou/contracts/kernel/operation';

/** How calls say who makes them. */
export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a session.' },
  dpop: {
    type: 'http',
    scheme: 'dpop',
    description:
      'The access token of a session that is bound to a key of the device (`tokenType` DPoP), with a proof for the call in the header `DPoP` (RFC 9449): ES256 or EdDSA, `nonce` from the header `DPoP-Nonce` of an earlier answer. Signing in and refreshing take the proof alone.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'ck_…',
    description: 'An API key of the account, for its servers. It acts for the account within its scopes, never as a person.',
  },
  systemKey: { type: 'http', scheme: 'bearer', description: 'The SYSTEM_KEY of the server.' },
  clientKey: { type: 'apiKey', in: 'header', name: 'X-Client-Key', description: 'Names the account of a call without a token.' },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-coucou_refresh',
    description:
      'The refresh token of a session in cookie mode. Of other accounts than `default` the name ends with `-` and the id of the account; over plain HTTP in development it begins without `__Host-`.',
  },
  csrfToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description: 'Of the session of the cookie: from its answer, or from `auth.csrf`.',
  },
};

const callers: Readonly<Record<Access, string>> = {
  public: 'Needs no token; the account is named by `X-Client-Key`.',
  user: 'For signed-in users.',
  admin: 'For owners and admins of the account',
  system: 'For the operator, by the system key.',
};

/** A sentence for people. */
export const callersOf = ({ access, scope }: Operation): string =>
  access === 'admin' ? `${callers.admin}${scope === undefined ? '' : `, and for API keys with the scope \`${scope}\``}.` : callers[access];

/** The security requirements of an operation, one of which is to be met. */
export function securityOf({ access, scope, refreshCookie, http }: Operation): readonly object[] {
  if (access === 'system') return [{ systemKey: [] }];
  // OpenAPI 3.1 names what a key must be allowed to do in the list of any scheme.
  if (access !== 'public') return [{ bearer: [] }, { dpop: [] }, ...(scope === undefined ? [] : [{ apiKey: [scope] }])];
  const withoutCookie = [{}, { clientKey: [] }];
  if (refreshCookie !== 'takes') return withoutCookie;
  const isRead = http?.method === 'GET';
  const cookie = { refreshCookie: [], ...(isRead ? {} : { csrfToken: [] }) };
  // What has no body has no token but that of the cookie.
  return [...(isRead ? [] : withoutCookie), cookie, { ...cookie, clientKey: [] }];
}
