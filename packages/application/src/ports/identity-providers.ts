import { token } from '../kernel/token.ts';

export type IdentityProvider = Readonly<{
  /** As in paths: `google`. */
  id: string;
  /** For people: `Google`. */
  name: string;
  issuer: string;
}>;

/** What an issuer says of a person, with its proof checked. */
export type ProvidedIdentity = Readonly<{
  issuer: string;
  /** The person at this issuer; another issuer's is somebody else. */
  subject: string;
  email: string | undefined;
  /** Whether the issuer says that the address is the person's own. */
  emailVerified: boolean;
  username: string | undefined;
  displayName: string | undefined;
  avatarUrl?: string | undefined;
}>;

/** One authorization request, as its answer is checked against. */
export type AuthorizationRequest = Readonly<{
  redirectUri: string;
  state: string;
  /** Known to the browser that asked and in no URL: the PKCE verifier and the nonce are derived from it and the state. */
  secret: string;
}>;

/** The operator's identity providers: OpenID Connect, and GitHub's OAuth 2.0. */
export interface IdentityProviders {
  readonly list: readonly IdentityProvider[];
  /** Where a browser asks the provider. Throws `SERVICE_UNAVAILABLE` when the provider does not say where. */
  authorizationUrl(id: string, request: AuthorizationRequest): Promise<string>;
  /**
   * Redeems what the provider answered (the parameters of the callback), once: who it is. Throws `OAUTH_FAILED` for an answer that refuses, or
   * that does not belong to this request and this provider, and `SERVICE_UNAVAILABLE` when the provider cannot be asked.
   */
  identify(id: string, request: AuthorizationRequest, answer: Readonly<Record<string, string>>): Promise<ProvidedIdentity>;
  /** The S256 challenge of a PKCE verifier (RFC 7636). */
  challengeOf(verifier: string): string;
}
export const IdentityProviders = token<IdentityProviders>('IdentityProviders');
