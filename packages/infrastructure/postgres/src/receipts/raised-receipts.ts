import { sql } from 'kysely';

/**
 * Common table expressions `locked` and `raised`: the conversations of `source` get a further receipts version. The locks come before the
 * change, by id, as everywhere; what others committed meanwhile is seen by the update, which looks at the rows again.
 */
export const raisedReceipts = (source: string) => sql`
  locked as materialized (
    select c.account_id, c.id from conversation c where (c.account_id, c.id) in (select s.account_id, s.id from ${sql.raw(source)} s)
    order by c.id for no key update
  ),
  raised as (
    update conversation c set receipts_version = c.receipts_version + 1 from locked l
    where c.account_id = l.account_id and c.id = l.id returning c.account_id, c.id, c.receipts_version
  )`;
