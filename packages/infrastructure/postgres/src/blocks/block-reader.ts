import type { BlockReader } from '@coucou/application/blocks/block-reader';
import { type Placed, readNewest } from '../kit/newest-page.ts';
import type { SessionPool } from '../kit/session.ts';
import { publicUserJson, toUser, type UserRow } from '../users/user-rows.ts';

/** Newest first: $1 viewer, $2 and $3 the last one's time and id, $4 limit. */
const BLOCKS = `
  select ${publicUserJson('u')} as "user", b.created_at as at, b.blocked_id as id
  from block b join app_user u on u.account_id = b.account_id and u.id = b.blocked_id
  where b.blocker_id = $1 and ($2::timestamptz is null or (b.created_at, b.blocked_id) < ($2, $3::uuid))
  order by b.created_at desc, b.blocked_id desc limit $4`;

type BlockRow = Placed & Readonly<{ user: UserRow }>;

export function createBlockReader(pool: SessionPool): BlockReader {
  const toBlocked = (row: BlockRow) => ({ user: toUser(row.user), at: row.at });
  return {
    list: (account, viewer, page) => readNewest(pool, { account, viewer, name: 'block-list', text: BLOCKS, toItem: toBlocked }, page),
  };
}
