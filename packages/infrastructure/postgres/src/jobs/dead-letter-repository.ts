import type { DeadLetterRepository } from '@coucou/domain/jobs/dead-letter-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import { DEAD_LETTER, toDeadLetter } from './dead-letter-row.ts';

/** In the transaction of an account, which sees no other's. */
export function createDeadLetterRepository(db: Kysely<Tables>): DeadLetterRepository {
  return {
    async lookup(id) {
      const row = await db
        .selectFrom('outbox')
        .select(DEAD_LETTER)
        .where('id', '=', id)
        .where('dead_at', 'is not', null)
        .executeTakeFirst();
      return row && toDeadLetter(row);
    },
    async retry(id) {
      const letter = await this.lookup(id);
      const { numUpdatedRows } = await db
        .updateTable('outbox')
        .set({ dead_at: null, attempts: 0, due_at: sql<Date>`clock_now()` })
        .where('id', '=', id)
        .where('dead_at', 'is not', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n ? letter : undefined;
    },
    async drop(id) {
      const row = await db
        .deleteFrom('outbox')
        .where('id', '=', id)
        .where('dead_at', 'is not', null)
        .returning(DEAD_LETTER)
        .executeTakeFirst();
      return row && toDeadLetter(row);
    },
  };
}
