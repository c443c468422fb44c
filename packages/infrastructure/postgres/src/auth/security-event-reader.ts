import type { SecurityEventReader } from '@coucou/application/auth/security-event-reader';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { toSecurityEvent } from './security-event-repository.ts';
import type { SecurityEventTable } from './tables.ts';

/** $1 the last id, $2 a kind, $3 limit. */
const ALL = `
  select * from security_event e where ($1::uuid is null or e.id < $1) and ($2::text is null or e.kind = $2) order by e.id desc limit $3`;

/** $4 user. */
const OF_ONE = `
  select * from security_event e
  where e.user_id = $4 and ($1::uuid is null or e.id < $1) and ($2::text is null or e.kind = $2) order by e.id desc limit $3`;

const key = z.tuple([z.uuid()]);

export function createSecurityEventReader(pool: SessionPool): SecurityEventReader {
  return {
    async list(account, { userId, kind }, { limit, cursor }) {
      const [after] = cursor === undefined ? [null] : decodeCursor('security-events', key, cursor);
      const params = [after, kind ?? null, limit + 1];
      const rows = await (userId === undefined
        ? readOnce<Selectable<SecurityEventTable>>(pool, account, ALL, params, 'security-events')
        : readOnce<Selectable<SecurityEventTable>>(pool, account, OF_ONE, [...params, userId], 'security-events-of-one'));
      const items = rows.slice(0, limit).map(toSecurityEvent);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor('security-events', [last.id]) : undefined };
    },
  };
}
