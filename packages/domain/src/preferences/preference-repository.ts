import type { UserId } from '../kernel/ids.ts';
import type { OpenedMarks, Preferences } from './preferences.ts';

export interface PreferenceRepository {
  /** Undefined when never set. */
  lookup(userId: UserId): Promise<Preferences | undefined>;
  put(userId: UserId, preferences: Preferences): Promise<void>;
  /**
   * Publishes the user's marks under a new `receiptsVersion` in conversations with individual receipts. Locks these conversations; at most
   * `limit`, the most recently active.
   */
  openMarks(userId: UserId, limit: number): Promise<readonly OpenedMarks[]>;
}
