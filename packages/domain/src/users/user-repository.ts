import type { Instant, UserId } from '../kernel/ids.ts';
import type { User } from './user.ts';

/** Users of the unit of work's account. Verbs: `lookup` by id or natural key, `add` once. */
export interface UserRepository {
  lookup(id: UserId): Promise<User | undefined>;
  /** Those of the ids that exist in this account, in no particular order. */
  lookupMany(ids: readonly UserId[]): Promise<User[]>;
  /** Locked until the unit of work ends, in one order; people are locked after everything else. */
  lock(ids: readonly UserId[]): Promise<User[]>;
  /** By username or e-mail, compared caseless; with the hash to verify against. */
  lookupByIdentifier(identifier: string): Promise<Readonly<{ user: User; passwordHash: string }> | undefined>;
  /** Throws `USERNAME_TAKEN` or `EMAIL_TAKEN`. */
  add(user: User, passwordHash: string): Promise<void>;
  /** Writes what the person says about themself. */
  updateProfile(user: User): Promise<void>;
  /** When each was last there; never goes back. A crash may take the newest of it away: it is no promise. */
  updateLastSeen(seen: ReadonlyMap<UserId, Instant>): Promise<void>;
  updatePasswordHash(id: UserId, passwordHash: string): Promise<void>;
}
