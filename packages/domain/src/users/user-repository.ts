import type { Instant, UserId } from '../kernel/ids.ts';
import type { User } from './user.ts';

/**
 * What somebody signs in with. `securityVersion` is raised whenever the password or the e-mail address changes: a link that was sent under
 * an older one is void.
 */
export type Credentials = Readonly<{ passwordHash: string | undefined; securityVersion: number }>;

/** Users of the unit of work's account. Verbs: `lookup` by id or natural key, `add` once. */
export interface UserRepository {
  lookup(id: UserId): Promise<User | undefined>;
  /** Those of the ids that exist in this account, in no particular order. */
  lookupMany(ids: readonly UserId[]): Promise<User[]>;
  /** Locked until the unit of work ends, in the order of ids; users are locked after everything else. */
  lock(ids: readonly UserId[]): Promise<User[]>;
  /** By username or e-mail, case-insensitively. */
  lookupByIdentifier(identifier: string): Promise<(Readonly<{ user: User }> & Credentials) | undefined>;
  lookupCredentials(id: UserId): Promise<Credentials | undefined>;
  /** Whether the account has a user. */
  hasAny(): Promise<boolean>;
  /** Throws `USERNAME_TAKEN` or `EMAIL_TAKEN`, also for what is held for somebody else. `now` where the person was made at another time. */
  add(user: User, passwordHash: string | undefined, now?: Instant): Promise<void>;
  /** Throws what `add` would throw, and adds nobody. */
  requireFree(user: User, now: Instant): Promise<void>;
  /** Writes the profile fields. */
  updateProfile(user: User): Promise<void>;
  /** When each was last seen; never goes back. Best effort: a crash may lose the newest values. */
  updateLastSeen(seen: ReadonlyMap<UserId, Instant>): Promise<void>;
  /** The same password, hashed anew. */
  updatePasswordHash(id: UserId, passwordHash: string): Promise<void>;
  /** Another password, or none; raises the security version. */
  setPassword(id: UserId, passwordHash: string | undefined): Promise<void>;
}
