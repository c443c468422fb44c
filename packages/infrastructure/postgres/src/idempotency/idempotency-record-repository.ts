import type { IdempotencyRecordRepository } from '@coucou/domain/idempotency/idempotency-record-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const createIdempotencyRecordRepository = (db: Kysely<Tables>): IdempotencyRecordRepository => ({
  async forgetExpired(limit) {
    // Deleted by ctid, without another look-up. One that a call has taken over meanwhile is not the row that was found.
    const { numAffectedRows } = await sql`
      delete from idempotency_record where ctid = any(array(
        select ctid from idempotency_record where expires_at <= (select clock_now()) order by expires_at limit ${limit}))`.execute(db);
    return Number(numAffectedRows ?? 0);
  },
});
