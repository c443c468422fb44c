import type { Instant } from '../kernel/ids.ts';

/** The log of what happened to each person (`userVersion`), in the unit of work's account. */
export interface FeedRepository {
  /**
   * Removes entries that are older than that, up to so many, the oldest first: what is left of a person's log has no hole. Answers how
   * many there were. Whoever holds a version from before them starts anew.
   */
  trim(before: Instant, limit: number): Promise<number>;
}
