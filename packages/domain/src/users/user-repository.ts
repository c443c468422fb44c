import type { Instant, UserId } from '../kernel/ids.ts';
import type { User } from './user.ts';

/** Users of the unit of work's account. Verbs: `lookup` by id or natural key, `add` once. */
export interface UserRepository {
  lookup(id: UserId): Promise<User | undefined>;
  /** Those of the ids that exist in this account, in no particular order. */
  lookupMany(ids: readonly UserId[]): Promise<User[]>;
  /** Locked until the unit of work ends, in the order of ids; users are locked after everything else. */
  lock(ids: readonly UserId[]): Promise<User[]>;
  /** By username or e-mail, case-insensitively; with the hash to verify against. */
  lookupByIdentifier(identifier: string): Promise<Readonly<{ user: User; passwordHash: string }> | undefined>;
  /** Whether the account has a user. */
  hasAny(): Promise<boolean>;
  /** Throws `USERNAME_TAKEN` or `EMAIL_TAKEN`. */
  add(user: User, passwordHash: string): Promise<void>;
  /** Writes the profile fields. */
  updateProfile(user: User): Promise<void>;
  /** When each was last seen; never goes back. Best effort: a crash may lose the newest values. */
  updateLastSeen(seen: ReadonlyMap<UserId, Instant>): Promise<void>;
  updatePasswordHash(id: UserId, passwordHash: string): Promise<void>;
}
