import type { Instant, UserId } from '../kernel/ids.ts';
import type { User } from '../users/user.ts';
import type { Credentials } from '../users/user-repository.ts';

export type LockedUser = Credentials & Readonly<{ user: User; usernameChangedAt: Instant | undefined }>;

/**
 * What somebody signs in by. Whoever changes it, or decides by it, locks the person first: a sign-in with a password that is being changed
 * waits, and is refused after it.
 */
export interface CredentialRepository {
  /** Locked until the unit of work ends. */
  lock(id: UserId): Promise<LockedUser | undefined>;
  lockByEmail(email: string): Promise<LockedUser | undefined>;
  /** The address has been proven. */
  proveEmail(id: UserId): Promise<void>;
  /** Writes another address; raises the security version. Throws `EMAIL_TAKEN`, also for one that is held for somebody else. */
  updateEmail(user: User, at: Instant): Promise<void>;
  /** Writes another username. Throws `USERNAME_TAKEN`, also for one that is held for somebody else. */
  updateUsername(user: User, at: Instant): Promise<void>;
}
