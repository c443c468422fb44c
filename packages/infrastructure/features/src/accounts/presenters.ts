import type { SecurityEvent as WireSecurityEvent } from '@coucou/contracts/accounts/security-events';
import type { SecurityEvent } from '@coucou/domain/auth/security-event';
import type { z } from 'zod';

export const presentSecurityEvent = (event: SecurityEvent): z.infer<typeof WireSecurityEvent> => ({
  id: event.id,
  kind: event.kind,
  userId: event.userId,
  sessionId: event.sessionId,
  ip: event.ip,
  userAgent: event.userAgent,
  details: event.details,
  at: event.at.toISOString(),
});
