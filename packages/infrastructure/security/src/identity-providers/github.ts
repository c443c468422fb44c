import type { ProvidedIdentity } from '@coucou/application/ports/identity-providers';
import * as client from 'openid-client';
import { emailClaim, subjectClaim, textClaim } from './claims.ts';
import { type GuardedFetch, type Provider, type ProviderOptions, timeout } from './provider.ts';

const PUBLIC = 'https://github.com';

/** GitHub speaks OAuth 2.0 without OpenID Connect: who it is, its API says. Another issuer than github.com is a GitHub Enterprise Server. */
export function createGithubProvider({ issuer: address, clientId, clientSecret, scopes }: ProviderOptions, fetch: GuardedFetch): Provider {
  const issuer = address.replace(/\/+$/, '');
  const server = {
    issuer,
    authorization_endpoint: `${issuer}/login/oauth/authorize`,
    token_endpoint: `${issuer}/login/oauth/access_token`,
  };
  const config = new client.Configuration(server, clientId, {}, client.ClientSecretPost(clientSecret));
  config[client.customFetch] = fetch as client.CustomFetch;
  config.timeout = timeout;
  if (new URL(issuer).protocol === 'http:') client.allowInsecureRequests(config);
  const api = issuer === PUBLIC ? 'https://api.github.com' : `${issuer}/api/v3`;

  async function ask(path: string, token: string): Promise<unknown> {
    const response = await client.fetchProtectedResource(
      config,
      token,
      new URL(`${api}${path}`),
      'GET',
      undefined,
      new Headers({ accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }),
    );
    if (!response.ok) throw new client.ClientError(`GitHub answers ${response.status} to ${path}`);
    return response.json();
  }

  return {
    async authorizationUrl({ redirectUri, state, challenge }) {
      const parameters = { redirect_uri: redirectUri, scope: scopes, state, code_challenge: challenge, code_challenge_method: 'S256' };
      return client.buildAuthorizationUrl(config, parameters).href;
    },

    async identify({ state, verifier }, answer): Promise<ProvidedIdentity> {
      const { access_token: token } = await client.authorizationCodeGrant(config, answer, {
        pkceCodeVerifier: verifier,
        expectedState: state,
      });
      const person = (await ask('/user', token)) as Readonly<Record<string, unknown>> | null;
      // The number stays when the login changes, and somebody else gets the login.
      const subject = subjectClaim(Number.isSafeInteger(person?.['id']) ? String(person?.['id']) : undefined);
      if (subject === undefined) throw new TypeError('GitHub names nobody');
      return {
        issuer,
        subject,
        ...addressOf(await ask('/user/emails', token)),
        username: textClaim(person?.['login']),
        displayName: textClaim(person?.['name']),
      };
    },
  };
}

/** The primary address where it is verified, else another that is: what somebody only claims is no way to find them. */
function addressOf(list: unknown): Pick<ProvidedIdentity, 'email' | 'emailVerified'> {
  const addresses = (Array.isArray(list) ? (list as unknown[]) : [])
    .filter((entry): entry is Readonly<Record<string, unknown>> => typeof entry === 'object' && entry !== null)
    .map((entry) => ({ email: emailClaim(entry['email']), emailVerified: entry['verified'] === true, primary: entry['primary'] === true }))
    .filter(({ email }) => email !== undefined)
    .toSorted((a, b) => Number(b.emailVerified) - Number(a.emailVerified) || Number(b.primary) - Number(a.primary));
  const [{ email, emailVerified } = { email: undefined, emailVerified: false }] = addresses;
  return { email, emailVerified };
}
