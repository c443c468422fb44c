import type { AccountId, Instant, SessionId } from '@coucou/domain/kernel/ids';
import type { Actor, Call } from '../kernel/call.ts';
import { token } from '../kernel/token.ts';

/** `rotation`: that of the session when the token was issued. */
export type AccessClaims = Readonly<{
  account: AccountId;
  actor: Actor;
  rotation: number;
  expiresAt: Instant;
  /** Of the key that the session is bound to; absent where it is bound to none. */
  thumbprint?: string;
}>;

/** What an access token is issued for. `ttlSeconds`: the account's own lifetime; absent, that of the server. */
export type AccessGrant = Readonly<{
  account: AccountId;
  actor: Actor;
  rotation: number;
  ttlSeconds?: number | undefined;
  thumbprint?: string | undefined;
}>;

/** How an access token came: under which scheme, where there is one, and with which proof for which call. */
export type Presentation = Readonly<{
  scheme?: 'bearer' | 'dpop';
  proof: string | undefined;
  method: string;
  path: string;
  client: Call['client'];
}>;

export interface AccessTokens {
  issue(grant: AccessGrant): Promise<Readonly<{ token: string; expiresAt: Instant }>>;
  /**
   * Throws `UNAUTHENTICATED` or `TOKEN_EXPIRED`, and where sessions are checked `SESSION_REVOKED`, `USER_SUSPENDED` or `ACCOUNT_SUSPENDED`,
   * and the errors of bound sessions: without a presentation a bound token is refused.
   */
  verify(token: string, presentation?: Presentation): Promise<AccessClaims>;
}
export const AccessTokens = token<AccessTokens>('AccessTokens');

/** Which token of which session. */
export type RefreshTokenOf = Readonly<{ account: AccountId; sessionId: SessionId; rotation: number }>;

/**
 * Refresh tokens: 256 random bits and what they belong to, sealed under the server's secret. So a token is found without a look-up across
 * accounts, and nobody can make up an older one, which would end the session.
 */
export interface RefreshTokens {
  /** `hash`: SHA-256 of the token, hex. */
  issue(of: RefreshTokenOf): Readonly<{ token: string; hash: string }>;
  /** Undefined for what was not issued here. */
  open(token: string): (RefreshTokenOf & Readonly<{ hash: string }>) | undefined;
  /** Seals the successor under a key derived from the spent token, which the server does not keep. */
  sealSuccessor(spent: string, successor: string): string;
  openSuccessor(spent: string, sealed: string): string;
}
export const RefreshTokens = token<RefreshTokens>('RefreshTokens');

/** Opaque secrets that are kept only as a hash. */
export interface OpaqueTokens {
  /** 256 random bits, URL-safe. */
  generate(): string;
  /** SHA-256, hex. */
  hash(token: string): string;
}
export const OpaqueTokens = token<OpaqueTokens>('OpaqueTokens');
