import { identityErrors } from '@coucou/domain/auth/identity';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { IdentityProviders, type ProvidedIdentity } from '../ports/identity-providers.ts';
import { SealedTokens, type Unsealed } from '../ports/sealed-tokens.ts';
import { ServerAddress } from '../ports/server-address.ts';
import { OpaqueTokens } from '../ports/tokens.ts';

/** How long somebody may take at the provider, and the client until it exchanges the code; in seconds. */
export const flowSeconds = { state: 600, code: 300 } as const;

/** What binds a flow to the client that began it: the hash of the browser's secret, and the client's PKCE challenge where it sent one. */
type Beginner = Readonly<{ account: AccountId; provider: string; browser: string; challenge?: string | undefined }>;

export type OauthState = Beginner & Readonly<{ returnTo: string }>;
export type OauthCode = Beginner & Readonly<{ identity: ProvidedIdentity }>;

export const oauthPorts = {
  providers: IdentityProviders,
  sealed: SealedTokens,
  opaque: OpaqueTokens,
  address: ServerAddress,
  clock: Clock,
};
export type OauthPorts = Ports<typeof oauthPorts>;

export const redirectUriOf = ({ address }: OauthPorts, provider: string): string => `${address.url}/api/v1/auth/oauth/${provider}/callback`;

/** Throws `OAUTH_PROVIDER_UNKNOWN`. */
export function requireProvider({ providers }: OauthPorts, id: string): void {
  if (!providers.list.some((provider) => provider.id === id)) throw identityErrors.OAUTH_PROVIDER_UNKNOWN();
}

/** The state that the callback of this provider got, where this browser began it. Throws `OAUTH_STATE_INVALID`. */
export function openState({ sealed, opaque, clock }: OauthPorts, provider: string, text: string, { browser }: Call): Unsealed<OauthState> {
  const state = sealed.open<OauthState>('oauth-state', text, clock.now());
  if (state?.content.provider !== provider || browser === undefined || opaque.hash(browser) !== state.content.browser)
    throw identityErrors.OAUTH_STATE_INVALID();
  return state;
}

export type PresentedCode = Readonly<{ code: string; codeVerifier?: string | undefined }>;

/**
 * The content of a code, where its presenter began the flow: by the verifier of the challenge that was sent then, or else by the
 * cookie of the browser. So nobody can be made to exchange another's code. Throws `OAUTH_CODE_INVALID`.
 */
export function openCode(
  { sealed, opaque, providers, clock }: OauthPorts,
  { code, codeVerifier }: PresentedCode,
  { browser }: Call,
): Unsealed<OauthCode> {
  const opened = sealed.open<OauthCode>('oauth-code', code, clock.now());
  if (opened === undefined) throw identityErrors.OAUTH_CODE_INVALID();
  const { challenge, browser: hash } = opened.content;
  const isTheirs =
    challenge === undefined
      ? // A verifier without a challenge: somebody took the challenge away.
        codeVerifier === undefined && browser !== undefined && opaque.hash(browser) === hash
      : codeVerifier !== undefined && providers.challengeOf(codeVerifier) === challenge;
  if (!isTheirs) throw identityErrors.OAUTH_CODE_INVALID();
  return opened;
}
