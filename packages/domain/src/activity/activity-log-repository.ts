import type { Instant } from '../kernel/ids.ts';

/** What the logs of connections and of presence may forget. They are written past any unit of work (`ActivityLog`). */
export interface ActivityLogRepository {
  /** Removes at most `limit` connections that ended before this; an open one stays, however old. Answers how many. */
  trimConnections(before: Instant, limit: number): Promise<number>;
  /** Removes at most `limit` entries of before this; answers how many. */
  trimPresence(before: Instant, limit: number): Promise<number>;
}
