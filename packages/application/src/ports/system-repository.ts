import type { Account } from '@coucou/domain/accounts/account';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';

/** A signing key as kept: the private half is sealed under the server's secret. */
export type StoredKey = Readonly<{ kid: string; algorithm: string; publicJwk: string; sealedPrivateJwk: string; createdAt: Instant }>;

/** The queries that run without an account. */
export interface SystemRepository {
  /** Those of these client keys that name an account. */
  lookupAccounts(clientKeys: readonly string[]): Promise<Account[]>;
  addAccount(account: Account): Promise<void>;
  listAccounts(): Promise<AccountId[]>;
  /** The account that a refresh token belongs to, by the token's hash. */
  lookupAccountOfRefreshToken(tokenHash: string): Promise<AccountId | undefined>;
  /** Newest first. */
  listSigningKeys(): Promise<StoredKey[]>;
  /** False when another node stored the first key in the meantime. */
  addFirstSigningKey(key: StoredKey): Promise<boolean>;
  /** Changes when the database was restored from a back-up. */
  epoch(): Promise<string>;
}
