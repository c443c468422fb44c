import type { ProvidedIdentity } from '@coucou/application/ports/identity-providers';
import * as client from 'openid-client';
import { emailClaim, isTrueClaim, subjectClaim, textClaim } from './claims.ts';
import { type GuardedFetch, type Provider, type ProviderOptions, timeout } from './provider.ts';

/** Metadata is read again after this time; an older one serves on while its issuer is away. */
const FRESH_MS = 3_600_000;

/** An issuer of OpenID Connect, found by discovery. Every ID token is checked: signature, issuer, audience, times and nonce. */
export function createOidcProvider({ issuer, clientId, clientSecret, scopes }: ProviderOptions, fetch: GuardedFetch): Provider {
  const insecure = new URL(issuer).protocol === 'http:';
  const discover = () =>
    client.discovery(new URL(issuer), clientId, {}, authenticationOf(clientSecret), {
      [client.customFetch]: fetch as client.CustomFetch,
      timeout,
      // Without the first one the signature of an ID token that came over TLS would not be checked.
      execute: [client.enableNonRepudiationChecks, ...(insecure ? [client.allowInsecureRequests] : [])],
    });
  const metadata = kept(discover);

  return {
    async authorizationUrl({ redirectUri, state, challenge, nonce }) {
      const parameters = {
        redirect_uri: redirectUri,
        scope: scopes,
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      };
      return client.buildAuthorizationUrl(await metadata(), parameters).href;
    },

    async identify({ state, verifier, nonce }, answer): Promise<ProvidedIdentity> {
      const config = await metadata();
      const tokens = await client.authorizationCodeGrant(config, answer, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      const subject = subjectClaim(claims?.sub);
      if (claims === undefined || subject === undefined) throw new TypeError('the ID token names nobody');
      // Many issuers keep the profile out of the ID token.
      const needsProfile = claims['email'] === undefined && config.serverMetadata().userinfo_endpoint !== undefined;
      const profile = needsProfile ? { ...(await client.fetchUserInfo(config, tokens.access_token, claims.sub)) } : claims;
      return {
        issuer: claims.iss,
        subject,
        email: emailClaim(profile['email']),
        emailVerified: isTrueClaim(profile['email_verified']),
        username: textClaim(profile['preferred_username']) ?? textClaim(profile['nickname']),
        displayName: textClaim(profile['name']),
      };
    },
  };
}

function authenticationOf(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None();
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  // What an issuer supports that does not say so (OpenID Connect Discovery, 3).
  return (server, metadata, body, headers) => {
    const supported = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (supported.includes('client_secret_basic') ? basic : post)(server, metadata, body, headers);
  };
}

/** Made when it is first asked for, and again when it is old; one that fails is not kept. */
function kept<T>(make: () => Promise<T>): () => Promise<T> {
  let last: Readonly<{ value: Promise<T>; at: number }> | undefined;
  return () => {
    const now = performance.now();
    if (last !== undefined && now - last.at < FRESH_MS) return last.value;
    const earlier = last;
    const entry = { value: earlier === undefined ? make() : make().catch(() => earlier.value), at: now };
    last = entry;
    entry.value.catch(() => {
      if (last === entry) last = undefined;
    });
    return entry.value;
  };
}
