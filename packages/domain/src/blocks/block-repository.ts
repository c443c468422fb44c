import type { Instant, UserId } from '../kernel/ids.ts';

/** Whoever changes any holds the lock of the pair (`relations.lockPair`). */
export interface BlockRepository {
  /** False when it was there. */
  add(blocker: UserId, blocked: UserId, at: Instant): Promise<boolean>;
  /** False when there was none. */
  remove(blocker: UserId, blocked: UserId): Promise<boolean>;
  count(blocker: UserId): Promise<number>;
}
