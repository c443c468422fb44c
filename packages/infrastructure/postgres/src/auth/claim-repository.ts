import { type ClaimRepository, linkPurposes } from '@coucou/domain/auth/claim-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

const ACCOUNT = sql<string>`current_setting('app.account_id')::uuid`;

export function createClaimRepository(db: Kysely<Tables>): ClaimRepository {
  return {
    async claimOnce(purpose, key, until) {
      // Waits for a concurrent claim of the same key: if that one is rolled back, this one has it.
      const row = await db
        .insertInto('claim')
        .values({ account_id: ACCOUNT, purpose, key, expires_at: until })
        .onConflict((oc) => oc.doNothing())
        .returning('key')
        .executeTakeFirst();
      return row !== undefined;
    },
    async forgetExpired(before, which) {
      const { numDeletedRows } = await db
        .deleteFrom('claim')
        .where('expires_at', '<', before)
        .where('purpose', which === 'links' ? 'in' : 'not in', linkPurposes)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
