import type { ActivityReader } from '@coucou/application/activity/activity-reader';
import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import { asId } from '@coucou/domain/kernel/ids';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import type { ConnectionLogTable, PresenceLogTable } from './tables.ts';

/** $1 the last id, $2 limit. */
const CONNECTIONS = 'select * from connection_log c where $1::uuid is null or c.id < $1 order by c.id desc limit $2';
/** $3 user. */
const CONNECTIONS_OF_ONE = `
  select * from connection_log c where c.user_id = $3 and ($1::uuid is null or c.id < $1) order by c.id desc limit $2`;

/** $1 and $2 the last time and id, $3 limit. */
const PRESENCE = `
  select * from presence_log p where $1::timestamptz is null or (p.at, p.id) < ($1, $2::uuid) order by p.at desc, p.id desc limit $3`;
/** $4 user. */
const PRESENCE_OF_ONE = `
  select * from presence_log p
  where p.user_id = $4 and ($1::timestamptz is null or (p.at, p.id) < ($1, $2::uuid)) order by p.at desc, p.id desc limit $3`;

const toConnection = (row: Selectable<ConnectionLogTable>): LoggedConnection => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  sessionId: asId(row.session_id),
  node: row.node,
  transport: row.transport,
  ip: row.ip,
  userAgent: row.user_agent,
  connectedAt: row.connected_at,
  ended: row.ended_at === null ? undefined : { at: row.ended_at, reason: row.end_reason ?? 'unknown' },
});

const toPresence = (row: Selectable<PresenceLogTable>): PresenceEntry => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  status: row.status,
  at: row.at,
});

export function createActivityReader(pool: SessionPool): ActivityReader {
  return {
    async listConnections(account, user, { limit, cursor }) {
      const [after] = cursor === undefined ? [null] : decodeCursor('connection-log', z.tuple([z.uuid()]), cursor);
      const params = [after, limit + 1];
      const rows = await (user === undefined
        ? readOnce<Selectable<ConnectionLogTable>>(pool, account, CONNECTIONS, params, 'activity-connections')
        : readOnce<Selectable<ConnectionLogTable>>(pool, account, CONNECTIONS_OF_ONE, [...params, user], 'activity-connections-of-one'));
      const items = rows.slice(0, limit).map(toConnection);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor('connection-log', [last.id]) : undefined };
    },

    async listPresence(account, user, { limit, cursor }) {
      const [at, id] = cursor === undefined ? [null, null] : decodeCursor('presence-log', z.tuple([moment, z.uuid()]), cursor);
      const params = [at, id, limit + 1];
      const rows = await (user === undefined
        ? readOnce<Selectable<PresenceLogTable>>(pool, account, PRESENCE, params, 'activity-presence')
        : readOnce<Selectable<PresenceLogTable>>(pool, account, PRESENCE_OF_ONE, [...params, user], 'activity-presence-of-one'));
      const items = rows.slice(0, limit).map(toPresence);
      const last = items.at(-1);
      return {
        items,
        nextCursor: rows.length > limit && last ? encodeCursor('presence-log', [last.at.toISOString(), last.id]) : undefined,
      };
    },
  };
}
