import { lockInAccount } from '@coucou/postgres/kit/account-lock';
import { asId } from '@coucou/domain/kernel/ids';
import { decodeCursor, encodeCursor } from '@coucou/postgres/kit/cursor';
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import type { CustomEmojiRepository } from '../application/custom-emoji-repository.ts';
import type { CustomEmoji } from '../domain/custom-emoji.ts';
import { emojiName } from '../domain/limits.ts';

type CustomEmojiTable = { account_id: string; name: string; image_url: string; created_at: Date };
export type CustomEmojiTables = { custom_emoji: CustomEmojiTable };

const toEmoji = (row: Selectable<CustomEmojiTable>): CustomEmoji => ({
  accountId: asId(row.account_id),
  name: row.name,
  imageUrl: row.image_url,
  createdAt: row.created_at,
});

const LIST = 'custom-emoji';
const place = z.tuple([z.string().regex(emojiName)]);

export function createCustomEmojiRepository(db: Kysely<CustomEmojiTables>): CustomEmojiRepository {
  return {
    async list({ limit, cursor }) {
      const [after] = cursor === undefined ? [''] : decodeCursor(LIST, place, cursor);
      const query = db.selectFrom('custom_emoji').selectAll().where('name', '>', after);
      const rows = await query
        .orderBy('name')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map(toEmoji);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor(LIST, [last.name]) : undefined };
    },

    async lock(name) {
      await lockInAccount(db, 'emoji');
      const row = await db.selectFrom('custom_emoji').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toEmoji(row);
    },

    async count() {
      const { known } = await db
        .selectFrom('custom_emoji')
        .select((eb) => eb.fn.countAll<number>().as('known'))
        .executeTakeFirstOrThrow();
      return known;
    },

    async put({ accountId, name, imageUrl, createdAt }) {
      await db
        .insertInto('custom_emoji')
        .values({ account_id: accountId, name, image_url: imageUrl, created_at: createdAt })
        .onConflict((oc) => oc.columns(['account_id', 'name']).doUpdateSet({ image_url: imageUrl }))
        .execute();
    },

    async remove(name) {
      const { numDeletedRows } = await db.deleteFrom('custom_emoji').where('name', '=', name).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
