import type { BlockReader } from '@coucou/application/blocks/block-reader';
import type { FriendReader } from '@coucou/application/friends/friend-reader';
import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { publicUserJson } from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import { toFriendRequest } from './friend-repositories.ts';
import { toUser, type UserRow } from '../messages/message-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import type { FriendRequestTable } from '../users/tables.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** The user with when they were last there: for lists of those who may see it. */
const acquaintedUserJson = (alias: string) =>
  `(${publicUserJson(alias)})::jsonb || jsonb_build_object('last_seen_at', ${alias}.last_seen_at)`;

/** Newest first: $1 viewer, $2 and $3 the last one's time and id, $4 limit. */
const FRIENDS = `
  select ${acquaintedUserJson('u')} as "user", k.at, k.id from (
    (select f.account_id, f.higher_id as id, f.since as at from friendship f where f.lower_id = $1
      and ($2::timestamptz is null or (f.since, f.higher_id) < ($2, $3::uuid)) order by f.since desc, f.higher_id desc limit $4)
    union all
    (select f.account_id, f.lower_id, f.since from friendship f where f.higher_id = $1
      and ($2::timestamptz is null or (f.since, f.lower_id) < ($2, $3::uuid)) order by f.since desc, f.lower_id desc limit $4)
  ) k join app_user u on u.account_id = k.account_id and u.id = k.id
  order by k.at desc, k.id desc limit $4`;

const BLOCKS = `
  select ${publicUserJson('u')} as "user", b.created_at as at, b.blocked_id as id
  from block b join app_user u on u.account_id = b.account_id and u.id = b.blocked_id
  where b.blocker_id = $1 and ($2::timestamptz is null or (b.created_at, b.blocked_id) < ($2, $3::uuid))
  order by b.created_at desc, b.blocked_id desc limit $4`;

/** $5 status; `mine` is the viewer's column. */
const requests = (mine: 'from_id' | 'to_id') => `
  select row_to_json(r) as request, ${publicUserJson('f')} as "from", ${publicUserJson('t')} as "to", r.created_at as at, r.id
  from friend_request r
  join app_user f on f.account_id = r.account_id and f.id = r.from_id
  join app_user t on t.account_id = r.account_id and t.id = r.to_id
  where r.${mine} = $1 and r.status = $5 and ($2::timestamptz is null or (r.created_at, r.id) < ($2, $3::uuid))
  order by r.created_at desc, r.id desc limit $4`;

const REQUESTS = { outgoing: requests('from_id'), incoming: requests('to_id') };

type Placed = Readonly<{ at: Date; id: string }>;
type PersonRow = Placed & Readonly<{ user: UserRow }>;
type RequestRow = Placed & Readonly<{ request: Selectable<FriendRequestTable>; from: UserRow; to: UserRow }>;

const placeKey = z.tuple([moment, z.uuid()]);

type List<Row, Item> = Readonly<{
  account: AccountId;
  viewer: UserId;
  name: string;
  text: string;
  more?: readonly unknown[];
  toItem(row: Row): Item;
}>;

async function readPage<Row extends Placed, Item>(
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

export function createFriendReader(pool: SessionPool): FriendReader {
  const toFriend = (row: PersonRow) => ({ user: toUser(row.user), since: row.at });
  const toRequest = (row: RequestRow) => ({ request: toFriendRequest(row.request), from: toUser(row.from), to: toUser(row.to) });
  return {
    list: (account, viewer, page) => readPage(pool, { account, viewer, name: 'friend-list', text: FRIENDS, toItem: toFriend }, page),
    listRequests: (account, viewer, { direction, status }, page) => {
      const list = { name: `friend-requests-${direction}`, text: REQUESTS[direction], more: [status], toItem: toRequest };
      return readPage(pool, { account, viewer, ...list }, page);
    },
  };
}

export function createBlockReader(pool: SessionPool): BlockReader {
  const toBlocked = (row: PersonRow) => ({ user: toUser(row.user), at: row.at });
  return {
    list: (account, viewer, page) => readPage(pool, { account, viewer, name: 'block-list', text: BLOCKS, toItem: toBlocked }, page),
  };
}
