import type { SecurityEvent, SecurityEventKind, SecurityEventRepository } from '@coucou/domain/auth/security-event';
import type { SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';

export const securityEventPorts = { clock: Clock, ids: Ids };

export type Recorded = Readonly<{ userId?: UserId | undefined; sessionId?: SessionId | undefined; details?: SecurityEvent['details'] }>;

/** Records in this transaction what happened to somebody's access. */
export const recordSecurityEvent = (
  { clock, ids }: Ports<typeof securityEventPorts>,
  tx: Readonly<{ securityEvents: SecurityEventRepository }>,
  call: Pick<Call, 'account' | 'client'>,
  kind: SecurityEventKind,
  { userId, sessionId, details = {} }: Recorded,
): Promise<void> =>
  tx.securityEvents.add({
    accountId: call.account,
    id: ids.next(),
    kind,
    userId,
    sessionId,
    ip: call.client.ip,
    userAgent: call.client.userAgent,
    details,
    at: clock.now(),
  });

/** Who did it, where that is somebody else than whom it concerns: for the details of the event. */
export const actedBy = ({ actor, program }: Pick<Call, 'actor' | 'program'>): SecurityEvent['details'] =>
  actor !== undefined ? { byUserId: actor.userId } : program?.by === 'apiKey' ? { byApiKeyId: program.id } : { by: 'operator' };
