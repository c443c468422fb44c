import type { BlockRepository } from '@coucou/domain/blocks/block-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

export function createBlockRepository(db: Kysely<Tables>): BlockRepository {
  return {
    async add(blocker, blocked, at) {
      const row = await db
        .insertInto('block')
        .values({
          account_id: sql<string>`current_setting('app.account_id')::uuid`,
          blocker_id: blocker,
          blocked_id: blocked,
          created_at: at,
        })
        .onConflict((oc) => oc.columns(['account_id', 'blocker_id', 'blocked_id']).doNothing())
        .returning('blocked_id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async remove(blocker, blocked) {
      const row = await db
        .deleteFrom('block')
        .where('blocker_id', '=', blocker)
        .where('blocked_id', '=', blocked)
        .returning('blocked_id')
        .executeTakeFirst();
      return row !== undefined;
    },

    async count(blocker) {
      const row = await db
        .selectFrom('block')
        .select((eb) => eb.fn.countAll<number>().as('blocked'))
        .where('blocker_id', '=', blocker)
        .executeTakeFirstOrThrow();
      return row.blocked;
    },
  };
}
