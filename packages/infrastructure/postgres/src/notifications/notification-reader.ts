import type { NotificationReader } from '@coucou/application/notifications/notification-reader';
import { asId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import type { Notification } from '@coucou/domain/notifications/notification';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import type { NotificationTable } from './tables.ts';

type Row = Omit<Selectable<NotificationTable>, 'once'>;

const toNotification = (row: Row): Notification => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  kind: row.kind,
  actorId: asId(row.actor_id),
  conversationId: row.conversation_id === null ? undefined : asId(row.conversation_id),
  messageId: row.message_id === null ? undefined : asId(row.message_id),
  seq: row.seq ?? undefined,
  friendRequestId: row.friend_request_id === null ? undefined : asId(row.friend_request_id),
  scheduledMessageId: row.scheduled_message_id === null ? undefined : asId(row.scheduled_message_id),
  createdAt: row.created_at,
  readAt: row.read_at ?? undefined,
});

const COLUMNS = `n.account_id, n.user_id, n.id, n.kind, n.actor_id, n.conversation_id, n.message_id, n.seq, n.friend_request_id, n.scheduled_message_id, n.created_at, n.read_at`;
const UNREAD = `(select count(*) from (select from notification u where u.user_id = $1 and u.read_at is null limit ${limits.notifications.counted}) u)`;

/** One row at least, so that the count is answered with an empty page too. */
const listOf = (unreadOnly: boolean): string => `
  select ${UNREAD} as unread, n.* from (select) one left join lateral (
    select ${COLUMNS} from notification n
    where n.user_id = $1 ${unreadOnly ? 'and n.read_at is null' : ''} and ($2::timestamptz is null or (n.created_at, n.id) < ($2, $3::uuid))
    order by n.created_at desc, n.id desc limit $4
  ) n on true
  order by n.created_at desc, n.id desc`;
const LIST = listOf(false);
const LIST_UNREAD = listOf(true);

const placeKey = z.tuple([moment, z.uuid()]);

export function createNotificationReader(pool: SessionPool): NotificationReader {
  return {
    async list(account, viewer, { unreadOnly }, { limit, cursor }) {
      const [at, id] = cursor === undefined ? [null, null] : decodeCursor('notifications', placeKey, cursor);
      const [text, name] = unreadOnly ? [LIST_UNREAD, 'notification-list-unread'] : [LIST, 'notification-list'];
      const rows = await readOnce<Row & { unread: number }>(pool, account, text, [viewer, at, id, limit + 1], name);
      const found = rows.filter((row) => row.id !== null);
      const items = found.slice(0, limit).map(toNotification);
      const last = items.at(-1);
      const nextCursor = found.length > limit && last ? encodeCursor('notifications', [last.createdAt.toISOString(), last.id]) : undefined;
      return { items, nextCursor, unread: rows[0]?.unread ?? 0 };
    },
    async countUnread(account, viewer) {
      const [row] = await readOnce<{ unread: number }>(pool, account, `select ${UNREAD} as unread`, [viewer], 'notification-unread');
      return row?.unread ?? 0;
    },
  };
}
