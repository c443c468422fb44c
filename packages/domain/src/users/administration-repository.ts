import type { Instant, UserId } from '../kernel/ids.ts';
import type { AccountRole, User } from './user.ts';

/** What only those change who administer the account. */
export interface UserAdministrationRepository {
  /** Owners who are not suspended, locked until the unit of work ends: of changes that would leave no owner, one waits for the other. */
  lockOwners(): Promise<UserId[]>;
  /** Owners and admins, suspended ones as well. */
  listAdministrators(): Promise<UserId[]>;
  /** Whether this person was deleted, for good. */
  isDeleted(id: UserId): Promise<boolean>;
  setRole(id: UserId, role: AccountRole): Promise<void>;
  findByExternalId(externalId: string): Promise<User | undefined>;
  /** Throws `EXTERNAL_ID_TAKEN`. */
  setExternalId(id: UserId, externalId: string): Promise<void>;
  /**
   * A guest becomes a member with a username, an address and a password. Throws `USERNAME_TAKEN` or `EMAIL_TAKEN`, also for what is held for
   * somebody else.
   */
  upgradeGuest(user: User, passwordHash: string, at: Instant): Promise<void>;
}
