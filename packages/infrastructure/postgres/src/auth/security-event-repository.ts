import type { SecurityEvent, SecurityEventRepository } from '@coucou/domain/auth/security-event';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { SecurityEventTable } from './tables.ts';

export const toSecurityEvent = (row: Selectable<SecurityEventTable>): SecurityEvent => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  kind: row.kind,
  userId: row.user_id === null ? undefined : asId(row.user_id),
  sessionId: row.session_id === null ? undefined : asId(row.session_id),
  ip: row.ip,
  userAgent: row.user_agent,
  details: row.details,
  at: row.at,
});

export function createSecurityEventRepository(db: Kysely<Tables>): SecurityEventRepository {
  return {
    async add(event) {
      await db
        .insertInto('security_event')
        .values({
          account_id: event.accountId,
          id: event.id,
          kind: event.kind,
          user_id: event.userId ?? null,
          session_id: event.sessionId ?? null,
          ip: event.ip,
          user_agent: event.userAgent,
          details: JSON.stringify(event.details),
          at: event.at,
        })
        .execute();
    },
    async list(userId, limit) {
      const rows = await db
        .selectFrom('security_event')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toSecurityEvent);
    },
  };
}
