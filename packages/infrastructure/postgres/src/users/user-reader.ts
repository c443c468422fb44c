import type { UserReader } from '@coucou/application/users/user-reader';
import { SearchTerms } from '@coucou/domain/messages/search-terms';
import { z } from 'zod';
import { publicUserJson } from './user-rows.ts';
import { namesWith } from './user-keys.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { rowVersion } from '../kit/row-version.ts';
import { standingColumns, type StandingRow, toStanding } from './relation-repository.ts';
import { toUser, type UserRow } from './user-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** $1 viewer, $2 user. */
const FIND = `
  select json_build_object('account_id', u.account_id, 'id', u.id, 'username', u.username, 'email', u.email, 'email_verified', u.email_verified,
    'display_name', u.display_name, 'avatar_url', u.avatar_url, 'bio', u.bio, 'custom', u.custom,
    'role', u.role, 'created_at', u.created_at, 'last_seen_at', u.last_seen_at) as "user",
    ${standingColumns('$1::uuid', 'u.id')}
  from app_user u where u.id = $2`;

/** With which session it is: one transaction may have written several. $1 user, $2 session. */
const OWN_VALIDATOR = `
  select concat_ws(' ', ${rowVersion('u')}, s.id, ${rowVersion('s')}) as validator
  from app_user u join session s on s.account_id = u.account_id and s.user_id = u.id
  where u.id = $1 and s.id = $2`;

/**
 * A lateral lookup per row by key: the planner has no estimate for the function and would scan the whole table for one page.
 * $1 account, $2 viewer, $3 key, $4 grams, $5 terms, $6 and $7 the last one's rank and id, $8 limit.
 */
const SEARCH = `
  select s.rank::text as rank, ${publicUserJson('u')} as "user"
  from search_users($1, $2, $3, $4::tsquery, $5::text[], $6::numeric, $7::uuid, $8) s
  cross join lateral (select * from app_user u where u.account_id = $1 and u.id = s.id limit 1) u
  order by s.rank desc, s.id`;

const placeKey = z.tuple([z.string().regex(/^\d\.\d{4}$/), z.uuid()]);

export function createUserReader(pool: SessionPool): UserReader {
  return {
    async find(account, viewer, id) {
      const [row] = await readOnce<StandingRow & { user: UserRow }>(pool, account, FIND, [viewer, id], 'user-find');
      return row && { user: toUser(row.user), standing: toStanding(row) };
    },

    async validateOwn(account, user, session) {
      const [row] = await readOnce<{ validator: string }>(pool, account, OWN_VALIDATOR, [user, session], 'own-validator');
      return row?.validator;
    },

    async search(account, viewer, key, { limit, cursor }) {
      const [rank, id] = cursor === undefined ? [null, null] : decodeCursor('users', placeKey, cursor);
      // Nothing that tells one name from another: the beginning of every name.
      if (key === '') return { items: [], nextCursor: undefined };
      const sought = SearchTerms.of(key);
      const params = [account, viewer, key, namesWith(account, sought), sought.terms, rank, id, limit + 1];
      const rows = await readOnce<{ rank: string; user: UserRow }>(pool, account, SEARCH, params, 'user-search');
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const nextCursor = rows.length > limit && last ? encodeCursor('users', [last.rank, last.user.id]) : undefined;
      return { items: items.map((row) => toUser(row.user)), nextCursor };
    },
  };
}
