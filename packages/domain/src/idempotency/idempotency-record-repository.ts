import type { Instant } from '../kernel/ids.ts';

/** What calls with an idempotency key were answered. */
export interface IdempotencyRecordRepository {
  /** Removes at most so many that expired before this time; answers how many. */
  forgetExpired(before: Instant, limit: number): Promise<number>;
}
