/** What calls with an idempotency key were answered. */
export interface IdempotencyRecordRepository {
  /** Removes at most so many that have expired by the clock of the database, which gave them their end; answers how many. */
  forgetExpired(limit: number): Promise<number>;
}
