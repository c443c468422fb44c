import { randomUUID } from 'node:crypto';
import { inAccountOf } from './account-rows.ts';
import type { Database } from './template.ts';

/** A side effect of somebody's account that was given up: its id. */
export const addDeadLetter = (database: Pick<Database, 'ownerUrl'>, userId: string, word: string): Promise<string> =>
  inAccountOf(database, userId, async (query, account) => {
    const id = randomUUID();
    await query(
      `insert into outbox (account_id, id, type, payload, attempts, last_error, dead_at, stored_by)
       values ($1, $2, 'test.given-up', json_build_object('text', $3::text), 12, $3, now(), null)`,
      [account, id, word],
    );
    return id;
  });
