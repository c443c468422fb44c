import type { AdminUser, AdminUserReader } from '@coucou/application/accounts/admin-user-reader';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { instantOrUndefined, orUndefined } from '../kit/nullable.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { toUser, type UserRow } from '../users/user-rows.ts';

type Row = UserRow & Readonly<{ suspended_at: Date | null; muted_until: Date | null; external_id: string | null }>;

const COLUMNS = `u.account_id, u.id, u.username, u.email, u.email_verified, u.display_name, u.avatar_url, u.bio, u.custom, u.role,
  u.created_at, u.last_seen_at, u.suspended_at, u.muted_until, u.external_id`;

const FIND = `select ${COLUMNS} from app_user u where u.id = $1 and u.deleted_at is null`;

/** $1 the last id, $2 role, $3 suspended, $4 limit. */
const filtered = (sought: string): string => `
  select ${COLUMNS} from app_user u
  where ${sought} ($1::uuid is null or u.id > $1) and ($2::text is null or u.role = $2)
    and ($3::boolean is null or (u.suspended_at is not null) = $3) and u.deleted_at is null
  order by u.id limit $4`;
const LIST = filtered('');

/**
 * $5 a key, $6 what comes after every text that begins with it, $7 an address. By comparison: with row-level security on, LIKE takes no index.
 */
const SEARCH = filtered(`(u.username_key ~>=~ $5 and u.username_key ~<~ $6 or u.display_name_key ~>=~ $5 and u.display_name_key ~<~ $6
    or u.email_key = $7) and`);

/** The highest code point: no name holds it. */
const AFTER = '\u{10FFFF}';

const key = z.tuple([z.uuid()]);

const toAdminUser = (row: Row): AdminUser => ({
  user: toUser(row),
  suspendedAt: instantOrUndefined(row.suspended_at),
  mutedUntil: instantOrUndefined(row.muted_until),
  externalId: orUndefined(row.external_id),
});

export function createAdminUserReader(pool: SessionPool): AdminUserReader {
  return {
    async find(account, id) {
      const [row] = await readOnce<Row>(pool, account, FIND, [id], 'admin-user');
      return row && toAdminUser(row);
    },
    async list(account, { q, role, suspended }, { limit, cursor }) {
      const [after] = cursor === undefined ? [null] : decodeCursor('admin-users', key, cursor);
      const params = [after, role ?? null, suspended ?? null, limit + 1];
      // Nothing that tells one name from another is the beginning of every name.
      const from = q?.key === '' ? AFTER : (q?.key ?? '');
      const rows = await (q === undefined
        ? readOnce<Row>(pool, account, LIST, params, 'admin-users')
        : readOnce<Row>(pool, account, SEARCH, [...params, from, from + AFTER, q.email], 'admin-users-search'));
      const items = rows.slice(0, limit).map(toAdminUser);
      const last = items.at(-1)?.user;
      return { items, nextCursor: rows.length > limit && last ? encodeCursor('admin-users', [last.id]) : undefined };
    },
  };
}
