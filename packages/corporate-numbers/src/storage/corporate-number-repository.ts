import { asId } from '@coucou/domain/kernel/ids';
import { decodeCursor, encodeCursor } from '@coucou/postgres/kit/cursor';
import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { CorporateNumberRepository } from '../application/corporate-number-repository.ts';
import type { CorporateNumber, CorporateNumberId, E164 } from '../domain/corporate-number.ts';

type CorporateNumberTable = {
  account_id: string;
  id: string;
  number: string;
  label: string | null;
  user_id: string | null;
  created_at: Date;
};
export type CorporateNumberTables = { corporate_number: CorporateNumberTable };

const toNumber = (row: Selectable<CorporateNumberTable>): CorporateNumber => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  number: row.number as E164,
  label: row.label ?? undefined,
  userId: row.user_id === null ? undefined : asId(row.user_id),
  createdAt: row.created_at,
});

const LIST = 'corporate-numbers';
const place = z.tuple([z.string().regex(/^\+\d{1,15}$/)]);
/** Comes after every digit, and so after every number that begins with what is before it. */
const AFTER_DIGITS = ':';

export function createCorporateNumberRepository(db: Kysely<CorporateNumberTables>): CorporateNumberRepository {
  const byId = (id: CorporateNumberId) => db.selectFrom('corporate_number').selectAll().where('id', '=', id);

  return {
    async lookup(id) {
      const row = await byId(id).executeTakeFirst();
      return row && toNumber(row);
    },

    async lookupMany(numbers) {
      if (numbers.length === 0) return [];
      const any = sql<string>`any(${[...numbers]}::text[])`;
      return (await db.selectFrom('corporate_number').selectAll().where('number', '=', any).execute()).map(toNumber);
    },

    async lock(id) {
      const row = await byId(id).forUpdate().executeTakeFirst();
      return row && toNumber(row);
    },

    async list({ prefix, userId }, { limit, cursor }) {
      const [after] = cursor === undefined ? [undefined] : decodeCursor(LIST, place, cursor);
      const from = prefix === undefined ? undefined : `+${prefix.replace('+', '')}`;
      const rows = await db
        .selectFrom('corporate_number')
        .selectAll()
        .$if(after !== undefined, (query) => query.where('number', '>', String(after)))
        .$if(from !== undefined, (query) => query.where('number', '>=', String(from)).where('number', '<', `${from}${AFTER_DIGITS}`))
        .$if(userId !== undefined, (query) => query.where('user_id', '=', String(userId)))
        .orderBy('number')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map(toNumber);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor(LIST, [last.number]) : undefined };
    },

    async add(numbers) {
      const [first] = numbers;
      if (first === undefined) return new Set();
      const all = <Value>(of: (number: CorporateNumber) => Value): Value[] => numbers.map(of);
      // One statement for any count, so that not each import is prepared anew.
      const { rows } = await sql<{ id: string }>`
        insert into corporate_number (account_id, id, number, label, user_id, created_at)
        select ${first.accountId}::uuid, n.id, n.number, n.label, n.user_id, n.created_at
        from unnest(
          ${all(({ id }) => id)}::uuid[], ${all(({ number }) => number)}::text[], ${all(({ label }) => label ?? null)}::text[],
          ${all(({ userId }) => userId ?? null)}::uuid[], ${all(({ createdAt }) => createdAt.toISOString())}::timestamptz[]
        ) with ordinality n(id, number, label, user_id, created_at, place)
        order by n.place
        on conflict (account_id, number) do nothing
        returning id`.execute(db);
      return new Set(rows.map(({ id }) => asId<'corporateNumber'>(id)));
    },

    async update({ id, label, userId }) {
      await db
        .updateTable('corporate_number')
        .set({ label: label ?? null, user_id: userId ?? null })
        .where('id', '=', id)
        .execute();
    },

    async remove(id) {
      const row = await db.deleteFrom('corporate_number').where('id', '=', id).returningAll().executeTakeFirst();
      return row && toNumber(row);
    },
  };
}
