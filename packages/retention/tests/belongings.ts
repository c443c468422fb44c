import { randomUUID } from 'node:crypto';
import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { inAccountOf } from '../../../tests/support/account-rows.ts';
import { expectStatus } from '../../../tests/support/people.ts';

/** An archive as a run leaves it, and a hold that names the word, so that the suites find it in no other account. */
const archive: Belonging = async ({ owner, database }, conversationId, word) => {
  expectStatus(await owner.http.call('PUT', `/api/v1/admin/conversations/${conversationId}/hold`, { reason: `${word} of a case` }), 200);
  return inAccountOf(database, owner.id, async (query, account) => {
    const id = randomUUID();
    await query(
      `insert into retention_archive (account_id, id, conversation_id, first_seq, last_seq, messages, bytes, storage_key, pending, created_at)
       values ($1, $2, $3, 1, 1, 1, 2, $4, false, clock_now())`,
      [account, id, conversationId, `${account}/archive-${id}`],
    );
    return id;
  });
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { archive };
