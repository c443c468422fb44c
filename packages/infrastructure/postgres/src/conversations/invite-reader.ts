import type { BanView } from '@coucou/application/conversations/ban-reader';
import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { Guarded, InviteReader } from '@coucou/application/conversations/invite-reader';
import type { Invite } from '@coucou/domain/conversations/invite';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { toBan } from './ban-repository.ts';
import { publicUserJson } from '../users/user-rows.ts';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import { toInvite } from './invite-repository.ts';
import { toUser, type UserRow } from '../users/user-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import type { BanTable, InviteTable } from './tables.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** A member's row is there even when the list is empty. $1 conversation, $2 viewer. */
const guarded = (list: string, item: string): string => `
  select c.type, m.role, ${item}
  from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
  left join lateral (${list}) x on true
  where m.conversation_id = $1 and m.user_id = $2 and m.left_at is null
  order by x.created_at desc, x.key desc`;

const INVITES = guarded(
  `select i.*, i.code as key from invite i
    where i.account_id = c.account_id and i.conversation_id = c.id and i.revoked_at is null
      and ($3::timestamptz is null or (i.created_at, i.code) < ($3, $4::text))
    order by i.created_at desc, i.code desc limit $5`,
  'case when x.key is not null then row_to_json(x) end as item',
);

const BANS = guarded(
  `select b.*, b.user_id as key, ${publicUserJson('u')} as banned from ban b
    join app_user u on u.account_id = b.account_id and u.id = b.user_id
    where b.account_id = c.account_id and b.conversation_id = c.id and (b.expires_at is null or b.expires_at > clock_now())
      and ($3::timestamptz is null or (b.created_at, b.user_id) < ($3, $4::uuid))
    order by b.created_at desc, b.user_id desc limit $5`,
  'case when x.key is not null then row_to_json(x) end as item',
);

type Row<Item> = Readonly<{
  type: 'direct' | 'group';
  role: 'owner' | 'admin' | 'moderator' | 'member';
  item: (Item & { key: string; created_at: string }) | null;
}>;
type InviteItem = Selectable<InviteTable>;
type BanItem = Selectable<BanTable> & Readonly<{ banned: UserRow }>;

const inviteKey = z.tuple([moment, z.string().max(64)]);
const banKey = z.tuple([moment, z.uuid()]);

function toPage<Item, Value>(
  list: string,
  rows: readonly Row<Item>[],
  limit: number,
  toValue: (item: Item) => Value,
): Guarded<Value> | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const found = rows.flatMap(({ item }) => (item === null ? [] : [item]));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = found.length > limit && last ? encodeCursor(list, [new Date(last.created_at).toISOString(), last.key]) : undefined;
  const page: Page<Value> = { items: items.map(toValue), nextCursor };
  return { type: first.type, role: first.role, page };
}

export function createInviteReader(pool: SessionPool): InviteReader {
  return {
    async invites(account, viewer, id, { limit, cursor }) {
      const [at, code] = cursor === undefined ? [null, null] : decodeCursor('invites', inviteKey, cursor);
      const rows = await readOnce<Row<InviteItem>>(pool, account, INVITES, [id, viewer, at, code, limit + 1], 'invite-list');
      return toPage<InviteItem, Invite>('invites', rows, limit, toInvite);
    },

    async bans(account, viewer, id, { limit, cursor }) {
      const [at, userId] = cursor === undefined ? [null, null] : decodeCursor('bans', banKey, cursor);
      const rows = await readOnce<Row<BanItem>>(pool, account, BANS, [id, viewer, at, userId, limit + 1], 'ban-list');
      return toPage<BanItem, BanView>('bans', rows, limit, (item) => ({ ban: toBan(item), user: toUser(item.banned) }));
    },
  };
}
