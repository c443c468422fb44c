import { sql } from 'kysely';
import { lockedHeadOf } from '../conversations/conversation-head.ts';

/**
 * Common table expressions `locked` and `raised`: the conversations of `source` get a further receipts version. The locks come before the
 * change, by id, as everywhere; what others committed meanwhile is seen by the update, which finds the rows by their key and follows them to where
 * they are by now.
 */
export const raisedReceipts = (source: string) => sql`
  locked as materialized (
    select l.account_id, l.conversation_id from (select distinct id from ${sql.raw(source)} order by id) s cross join lateral ${sql.raw(lockedHeadOf('s.id'))} l
  ),
  raised as (
    update conversation_head h set receipts_version = h.receipts_version + 1 from locked l
    where h.account_id = l.account_id and h.conversation_id = l.conversation_id returning h.account_id, h.conversation_id as id, h.receipts_version
  )`;
