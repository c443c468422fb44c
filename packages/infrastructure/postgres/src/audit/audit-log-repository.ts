import type { AuditActor, AuditEntry, AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { AuditEntryTable } from './tables.ts';

const actorOf = ({ actor_kind: kind, actor_id: id }: Selectable<AuditEntryTable>): AuditActor =>
  kind === 'user' || kind === 'apiKey' ? { kind, id: id ?? '' } : { kind };

export const toAuditEntry = (row: Selectable<AuditEntryTable>): AuditEntry => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  action: row.action,
  actor: actorOf(row),
  target: { type: row.target_type, id: row.target_id },
  ip: row.ip,
  userAgent: row.user_agent,
  sessionId: row.session_id === null ? undefined : asId(row.session_id),
  requestId: row.request_id,
  details: row.details,
  at: row.at,
});

export function createAuditLogRepository(db: Kysely<Tables>): AuditLogRepository {
  return {
    async add(entry) {
      await db
        .insertInto('audit_entry')
        .values({
          account_id: entry.accountId,
          id: entry.id,
          action: entry.action,
          actor_kind: entry.actor.kind,
          actor_id: entry.actor.id ?? null,
          target_type: entry.target.type,
          target_id: entry.target.id,
          ip: entry.ip,
          user_agent: entry.userAgent,
          session_id: entry.sessionId ?? null,
          request_id: entry.requestId,
          details: JSON.stringify(entry.details),
          at: entry.at,
        })
        .execute();
    },
  };
}
