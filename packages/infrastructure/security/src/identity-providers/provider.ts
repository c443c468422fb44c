import type { AuthorizationRequest, ProvidedIdentity } from '@coucou/application/ports/identity-providers';

/** `fetch` as the outbound guard offers it. */
export type GuardedFetch = (
  url: string,
  request: Readonly<{
    method?: string;
    headers?: Headers | Readonly<Record<string, string>>;
    body?: string | Uint8Array | URLSearchParams | null;
    redirect?: 'manual';
    signal?: AbortSignal;
  }>,
) => Promise<Response>;

export type ProviderOptions = Readonly<{
  id: string;
  name: string;
  kind: 'oidc' | 'github';
  issuer: string;
  clientId: string;
  /** Absent for a public client, which PKCE alone protects. */
  clientSecret: string | undefined;
  scopes: string;
}>;

/** An authorization request with what is derived for it. */
export type ProviderRequest = AuthorizationRequest & Readonly<{ verifier: string; challenge: string; nonce: string }>;

export interface Provider {
  authorizationUrl(request: ProviderRequest): Promise<string>;
  /** Throws errors of the client library; `identity-providers.ts` says what they mean. */
  identify(request: ProviderRequest, answer: URL): Promise<ProvidedIdentity>;
}

/** For requests to a provider, in seconds; the guard has its own, for the whole of each. */
export const timeout = 10;
