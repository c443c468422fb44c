import type { AuditAction, AuditDetails, AuditFields } from '@coucou/domain/audit/audit-action';
import type { AuditActor, AuditEntry, AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import type { SessionId } from '@coucou/domain/kernel/ids';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';

export const auditPorts = { clock: Clock, ids: Ids };

/** As much of a call as its entries need. `bySystem`: it is the server's own work. */
export type AuditedCall = Pick<Call, 'account' | 'client' | 'actor' | 'program'> & Readonly<{ requestId?: string; bySystem?: true }>;

/** What a job does of its own accord. */
export const byServer = { client: { ip: '', userAgent: '' }, bySystem: true } as const;

export type Act<F extends AuditFields> = Readonly<{
  /** The id of what it is done to; the account's own where the action is done to the account. */
  target?: string;
  /** Where the call has no session: that which was opened, or whose token was used. */
  sessionId?: SessionId | undefined;
}> &
  (Readonly<Record<never, never>> extends AuditDetails<F>
    ? Readonly<{ details?: AuditDetails<F> }>
    : Readonly<{ details: AuditDetails<F> }>);

/** The entry of what a call does. */
export function auditEntry<F extends AuditFields>(
  { clock, ids }: Ports<typeof auditPorts>,
  call: AuditedCall,
  action: AuditAction<F>,
  act: Act<F>,
): AuditEntry {
  const target = { type: action.target, id: act.target ?? call.account };
  return {
    accountId: call.account,
    id: ids.next(),
    action: action.name,
    actor: actorOf(call, action, target.id),
    target,
    ip: call.client.ip,
    userAgent: call.client.userAgent,
    sessionId: call.actor?.sessionId ?? act.sessionId,
    requestId: call.requestId ?? '',
    details: act.details ?? {},
    at: clock.now(),
  };
}

/** Writes in this transaction who does what: it is there if what it tells of is there. */
export const recordAudit = <F extends AuditFields>(
  ports: Ports<typeof auditPorts>,
  tx: Readonly<{ auditLog: AuditLogRepository }>,
  call: AuditedCall,
  action: AuditAction<F>,
  act: Act<F>,
): Promise<void> => tx.auditLog.add(auditEntry(ports, call, action, act));

function actorOf({ actor, program, bySystem }: AuditedCall, { bySelf }: AuditAction, target: string): AuditActor {
  if (actor !== undefined) return { kind: 'user', id: actor.userId };
  if (program?.by === 'apiKey') return { kind: 'apiKey', id: program.id };
  if (program?.by === 'operator') return { kind: 'operator' };
  if (bySystem === true) return { kind: 'system' };
  return bySelf === true ? { kind: 'user', id: target } : { kind: 'anonymous' };
}
