import type { UserId } from '../kernel/ids.ts';
import type { Identity, IdentityId } from './identity.ts';

export interface IdentityRepository {
  lookup(issuer: string, subject: string): Promise<Identity | undefined>;
  /** The person's, oldest first. */
  list(userId: UserId): Promise<Identity[]>;
  /** False when somebody has it already. */
  add(identity: Identity): Promise<boolean>;
  /** Writes what the issuer said last, and when. Waits for a concurrent removal; false when there was one. */
  updateUse(identity: Identity): Promise<boolean>;
  /** All of one person's. */
  removeAll(userId: UserId): Promise<void>;
  /** Answers the one that was there. */
  remove(userId: UserId, id: IdentityId): Promise<Identity | undefined>;
}
