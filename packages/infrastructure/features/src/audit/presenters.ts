import type { AuditEntry as WireAuditEntry } from '@coucou/contracts/audit/audit-logs';
import type { LoggedEntry } from '@coucou/domain/audit/audit-entry';
import type { z } from 'zod';

export const presentAuditEntry = (entry: LoggedEntry): z.infer<typeof WireAuditEntry> => ({
  id: entry.id,
  action: entry.action,
  actor: { kind: entry.actor.kind, id: entry.actor.id },
  target: { type: entry.target.type, id: entry.target.id },
  ip: entry.ip,
  userAgent: entry.userAgent,
  sessionId: entry.sessionId,
  requestId: entry.requestId,
  details: entry.details,
  at: entry.at.toISOString(),
  seal: entry.seal && { number: entry.seal.number, hash: entry.seal.hash },
});
