import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from './cursor.ts';
import type { SessionPool } from './session.ts';
import { readOnce } from './unit-of-work.ts';

/** What a row of such a list is ordered by. */
export type Placed = Readonly<{ at: Date; id: string }>;

const placeKey = z.tuple([moment, z.uuid()]);

type List<Row, Item> = Readonly<{
  account: AccountId;
  viewer: UserId;
  name: string;
  text: string;
  more?: readonly unknown[];
  toItem(row: Row): Item;
}>;

/** One page by keyset, newest first. `text` takes $1 viewer, $2 and $3 the time and id of the row before, $4 limit, then `more`. */
export async function readNewest<Row extends Placed, Item>(
  pool: SessionPool,
  { account, viewer, name, text, more = [], toItem }: List<Row, Item>,
  { limit, cursor }: PageRequest,
): Promise<Page<Item>> {
  const [at, id] = cursor === undefined ? [null, null] : decodeCursor(name, placeKey, cursor);
  const rows = await readOnce<Row>(pool, account, text, [viewer, at, id, limit + 1, ...more], name);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last ? encodeCursor(name, [last.at.toISOString(), last.id]) : undefined;
  return { items: items.map(toItem), nextCursor };
}
