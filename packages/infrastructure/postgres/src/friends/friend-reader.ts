import type { FriendReader } from '@coucou/application/friends/friend-reader';
import type { Selectable } from 'kysely';
import { publicUserJson } from '../users/user-rows.ts';
import { type Placed, readNewest } from '../kit/newest-page.ts';
import { toFriendRequest } from './friend-repositories.ts';
import { toUser, type UserRow } from '../users/user-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import type { FriendRequestTable } from './tables.ts';

/** The public user with `last_seen_at`, for lists of users who may see it. */
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

/** $5 status; `mine` is the viewer's column. */
const requests = (mine: 'from_id' | 'to_id') => `
  select row_to_json(r) as request, ${publicUserJson('f')} as "from", ${publicUserJson('t')} as "to", r.created_at as at, r.id
  from friend_request r
  join app_user f on f.account_id = r.account_id and f.id = r.from_id
  join app_user t on t.account_id = r.account_id and t.id = r.to_id
  where r.${mine} = $1 and r.status = $5 and ($2::timestamptz is null or (r.created_at, r.id) < ($2, $3::uuid))
  order by r.created_at desc, r.id desc limit $4`;

const REQUESTS = { outgoing: requests('from_id'), incoming: requests('to_id') };

type FriendRow = Placed & Readonly<{ user: UserRow }>;
type RequestRow = Placed & Readonly<{ request: Selectable<FriendRequestTable>; from: UserRow; to: UserRow }>;

export function createFriendReader(pool: SessionPool): FriendReader {
  const toFriend = (row: FriendRow) => ({ user: toUser(row.user), since: row.at });
  const toRequest = (row: RequestRow) => ({ request: toFriendRequest(row.request), from: toUser(row.from), to: toUser(row.to) });
  return {
    list: (account, viewer, page) => readNewest(pool, { account, viewer, name: 'friend-list', text: FRIENDS, toItem: toFriend }, page),
    listRequests: (account, viewer, { direction, status }, page) => {
      const list = { name: `friend-requests-${direction}`, text: REQUESTS[direction], more: [status], toItem: toRequest };
      return readNewest(pool, { account, viewer, ...list }, page);
    },
  };
}
