import type { Account } from '@coucou/domain/accounts/account';
import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import type { AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import type { RevocationReason } from '@coucou/domain/auth/session';
import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';

/** A signing key as kept: the private half is sealed under the server's secret. */
export type StoredKey = Readonly<{
  kid: string;
  algorithm: string;
  publicJwk: string;
  sealedPrivateJwk: string;
  /** 1 for the first, and one more for each that follows. */
  generation: number;
  createdAt: Instant;
  /** Published before, so that verifiers elsewhere have it when it signs. */
  signsFrom: Instant;
}>;

export type AccessChanges = Readonly<{
  ended: readonly Readonly<{ account: AccountId; sessionId: SessionId; userId: UserId; reason: RevocationReason }>[];
  suspendedUsers: readonly Readonly<{ account: AccountId; userId: UserId }>[];
  suspendedAccounts: readonly AccountId[];
}>;

/** The queries that run without an account. */
export interface SystemRepository {
  /** Those of these client keys that name an account. */
  lookupAccounts(clientKeys: readonly string[]): Promise<Account[]>;
  addAccount(account: Account): Promise<void>;
  listAccounts(): Promise<AccountId[]>;
  /**
   * Sessions that ended and people who were suspended within the last seconds, by the clock of the database, and all suspended accounts. A
   * change that commits late has an earlier time, so who asks again and again lets the windows overlap.
   */
  listAccessChanges(window: Readonly<{ endedSeconds: number; suspendedSeconds: number }>): Promise<AccessChanges>;
  /** Suspends the account, or lifts it; false where it was so already. */
  suspendAccount(account: AccountId, suspended: boolean): Promise<boolean>;
  /** Puts the limits of an account in place of what they were, which it answers. */
  putAccountLimits(account: AccountId, limits: AccountLimits): Promise<AccountLimits>;
  /**
   * The limits of accounts that have some of their own, or had: all of them, or those that changed within the last seconds by the clock of the
   * database. A change that commits late has an earlier time, so who asks again and again lets the windows overlap.
   */
  listAccountLimits(changedSeconds?: number): Promise<readonly Readonly<{ account: AccountId; limits: AccountLimits }>[]>;
  /**
   * What has been due for five minutes and nobody carries out, in all accounts, the longest due first. What failed is among it after a day: its
   * job tries for half an hour, and is then given up.
   */
  listDueErasures(limit: number): Promise<readonly Readonly<{ account: AccountId; person: UserId }>[]>;
  readonly auditLog: AuditLogRepository;
  /** Takes from the audit log, at most `limit` times, where a person acted from and the details of what was done to them; answers how often. */
  blankAuditEntries(account: AccountId, person: UserId, limit: number): Promise<number>;
  /** Newest first. */
  listSigningKeys(): Promise<StoredKey[]>;
  /** False when another node stored the key of this generation in the meantime. */
  addSigningKey(key: StoredKey): Promise<boolean>;
  /** Removes the keys before this generation. */
  removeSigningKeys(before: number): Promise<void>;
  /** Changes when the database was restored from a back-up. */
  epoch(): Promise<string>;
}
