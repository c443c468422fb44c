import type { UserId } from '../kernel/ids.ts';
import type { OpenedMarks, Preferences } from './preferences.ts';

export interface PreferenceRepository {
  /** Undefined for those who never chose. */
  lookup(userId: UserId): Promise<Preferences | undefined>;
  put(userId: UserId, preferences: Preferences): Promise<void>;
  /**
   * Makes news, of a further `receiptsVersion`, of the person's marks where marks are told one by one. Locks these conversations; at most
   * `limit`, the most recently active.
   */
  openMarks(userId: UserId, limit: number): Promise<readonly OpenedMarks[]>;
}
