import type { FeedRepository } from '@coucou/domain/users/feed-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

export function createFeedRepository(db: Kysely<Tables>): FeedRepository {
  return {
    async trim(before, limit) {
      // By version besides: entries of one transaction may be of one moment.
      const { numAffectedRows } = await sql`
        delete from user_event e using (
          select account_id, user_id, version from user_event where created_at < ${before} order by created_at, version limit ${limit}
        ) t
        where e.account_id = t.account_id and e.user_id = t.user_id and e.version = t.version`.execute(db);
      return Number(numAffectedRows ?? 0);
    },
  };
}
