import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { Actor } from '../kernel/call.ts';
import { token } from '../kernel/token.ts';

export type AccessClaims = Readonly<{ account: AccountId; actor: Actor; expiresAt: Instant }>;

export interface AccessTokens {
  issue(account: AccountId, actor: Actor): Promise<Readonly<{ token: string; expiresAt: Instant }>>;
  /** Throws `UNAUTHENTICATED` or `TOKEN_EXPIRED`. */
  verify(token: string): Promise<AccessClaims>;
}
export const AccessTokens = token<AccessTokens>('AccessTokens');

/** Opaque secrets that are kept only as a hash. */
export interface OpaqueTokens {
  /** 256 random bits, URL-safe. */
  generate(): string;
  /** SHA-256, hex. */
  hash(token: string): string;
}
export const OpaqueTokens = token<OpaqueTokens>('OpaqueTokens');
