import type { FeedRepository } from '@coucou/domain/users/feed-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export function createFeedRepository(db: Kysely<Tables>): FeedRepository {
  return {
    async trim(before, limit) {
      // Also by version, since entries of one transaction share a time. Deleted by ctid, without another look-up.
      const { numAffectedRows } = await sql`
        delete from user_event where ctid = any(array(
          select ctid from user_event where created_at < ${before} order by created_at, version limit ${limit}))`.execute(db);
      return Number(numAffectedRows ?? 0);
    },
  };
}
