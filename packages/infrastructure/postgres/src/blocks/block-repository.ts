import type { BlockRepository } from '@coucou/domain/blocks/block-repository';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { type Kysely, sql } from 'kysely';
import { headOf } from '../conversations/conversation-head.ts';
import { raisedReceipts } from '../receipts/raised-receipts.ts';
import { type ReceiptRow, receiptColumns, toReceipt } from '../receipts/receipt-reader.ts';
import type { Tables } from '../tables.ts';

const reveal = (a: UserId, b: UserId, limit: number) => sql<ReceiptRow & { conversation_id: string; receipts_version: number }>`
  with common as (
    select c.account_id, c.id from member x
    join member y on y.account_id = x.account_id and y.conversation_id = x.conversation_id and y.user_id = ${b} and y.left_at is null
    join conversation c on c.account_id = x.account_id and c.id = x.conversation_id
    cross join lateral ${sql.raw(headOf('c.account_id', 'c.id'))} h
    where x.user_id = ${a} and x.left_at is null and c.deleted_at is null and c.member_count <= ${limits.individualReceipts}
      and not exists (select from blocked_with(${a}::uuid) k where k.user_id = ${b}::uuid)
    order by h.active_at desc limit ${limit}
  ),
  ${raisedReceipts('common')},
  stamped as (
    update member m set receipts_at = r.receipts_version from raised r
    where m.account_id = r.account_id and m.conversation_id = r.id and m.user_id in (${a}, ${b}) returning m.*, r.receipts_version
  )
  select s.conversation_id, s.receipts_version,
    ${sql.raw(receiptColumns('s', 'v.id'))}
  from stamped s cross join lateral (select case when s.user_id = ${a}::uuid then ${b}::uuid else ${a}::uuid end as id) v`;

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

    async reveal(a, b, limit) {
      const { rows } = await reveal(a, b, limit).execute(db);
      return rows.map((row) => ({
        conversationId: asId(row.conversation_id),
        receiptsVersion: row.receipts_version,
        receipt: toReceipt(row),
        to: row.user_id === a ? b : a,
      }));
    },
  };
}
