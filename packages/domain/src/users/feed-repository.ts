import type { Instant } from '../kernel/ids.ts';

/** The users' feeds (`userVersion`), in the unit of work's account. */
export interface FeedRepository {
  /**
   * Removes entries older than that, at most `limit`, oldest first, so that what is left of a feed has no gap. Answers how
   * many were removed. A client that holds an older version starts over.
   */
  trim(before: Instant, limit: number): Promise<number>;
}
