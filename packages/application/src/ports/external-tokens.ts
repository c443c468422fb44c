import type { ExternalIssuer } from '@coucou/domain/auth/external-issuer';
import type { Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { ProvidedIdentity } from './identity-providers.ts';

/**
 * What is wrong with a token: it is no JWT (`form`), its header (`typ`, `alg`, `crit`), its key or signature (`kid`, `signature`), or the
 * claim of that name. `lifetime`: it lives longer than the issuer's tokens may.
 */
export type TokenFault =
  | 'form'
  | 'typ'
  | 'alg'
  | 'crit'
  | 'kid'
  | 'signature'
  | 'iss'
  | 'aud'
  | 'exp'
  | 'nbf'
  | 'iat'
  | 'lifetime'
  | 'sub'
  | 'cnf'
  | 'events';

export type VerifiedToken = Readonly<{
  identity: ProvidedIdentity;
  /** The same for every way to write this token, and for no other. */
  id: string;
  /** When it is good no longer. */
  expiresAt: Instant;
}>;

/** `isSigned`: a fault of a token that the issuer made. What anybody could have made up has a fault as well. */
export type TokenVerdict = Readonly<{ verified: VerifiedToken }> | Readonly<{ fault: TokenFault; isSigned: boolean }>;

/** As much of a key as says which it is. */
export type IssuerKey = Readonly<{ kid: string | undefined; type: string; algorithm: string | undefined }>;

/** Tokens of issuers outside this server, verified by keys that are read from there, bounded and kept for a while. */
export interface ExternalTokens {
  /** Whether the server calls such an address at all: HTTPS, or a host that the operator allows. */
  mayCall(url: string): boolean;
  /** What a token says in `iss`, unverified: whose keys it takes. */
  issuerOf(token: string): string | undefined;
  /** Throws `ISSUER_UNAVAILABLE`. */
  verify(token: string, issuer: ExternalIssuer, now: Instant): Promise<TokenVerdict>;
  /** Reads the keys now. Throws `ISSUER_UNAVAILABLE`, with the reason in its details. */
  readKeys(issuer: ExternalIssuer): Promise<readonly IssuerKey[]>;
}
export const ExternalTokens = token<ExternalTokens>('ExternalTokens');
