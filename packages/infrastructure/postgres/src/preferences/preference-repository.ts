import { asId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import type { PreferenceRepository } from '@coucou/domain/preferences/preference-repository';
import { type Kysely, sql } from 'kysely';
import { blockedMembers } from '../blocks/blocked-with.ts';
import { raisedReceipts } from '../receipts/raised-receipts.ts';
import { type ReceiptRow, toReceipt } from '../receipts/receipt-reader.ts';
import { conversationOf } from '../conversations/conversation-head.ts';
import type { Tables } from '../tables.ts';

type OpenedRow = ReceiptRow & Readonly<{ conversation_id: string; receipts_version: number; blocked_with: readonly string[] }>;

export function createPreferenceRepository(db: Kysely<Tables>): PreferenceRepository {
  return {
    async lookup(userId) {
      const row = await db.selectFrom('preference').select('settings').where('user_id', '=', userId).executeTakeFirst();
      return row?.settings;
    },

    async put(userId, preferences) {
      await db
        .insertInto('preference')
        .values({
          account_id: sql<string>`current_setting('app.account_id')::uuid`,
          user_id: userId,
          settings: JSON.stringify(preferences),
        })
        .onConflict((oc) =>
          oc
            .columns(['account_id', 'user_id'])
            .doUpdateSet((eb) => ({ settings: eb.ref('excluded.settings'), updated_at: sql<Date>`clock_now()` })),
        )
        .execute();
    },

    async openMarks(userId, limit) {
      const { rows } = await sql<OpenedRow>`
        with recent as (
          select c.account_id, c.id from member m
          cross join lateral ${sql.raw(conversationOf('m.account_id', 'm.conversation_id'))} c
          where m.user_id = ${userId} and m.left_at is null and c.deleted_at is null and c.member_count <= ${limits.individualReceipts}
          order by c.active_at desc limit ${limit}
        ),
        ${raisedReceipts('recent')},
        stamped as (
          update member m set receipts_at = r.receipts_version from raised r
          where m.account_id = r.account_id and m.conversation_id = r.id and m.user_id = ${userId}
          returning m.account_id, m.conversation_id, m.user_id, m.delivered_seq, m.read_seq, r.receipts_version
        )
        select s.conversation_id, s.receipts_version, s.user_id, s.delivered_seq, s.read_seq,
          ${sql.raw(blockedMembers('s.user_id', 's.account_id', 's.conversation_id'))} as blocked_with
        from stamped s`.execute(db);
      return rows.map((row) => ({
        conversationId: asId(row.conversation_id),
        receiptsVersion: row.receipts_version,
        receipt: toReceipt(row),
        blockedWith: row.blocked_with.map((id) => asId<'user'>(id)),
      }));
    },
  };
}
