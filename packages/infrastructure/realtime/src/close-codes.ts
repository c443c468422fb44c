import type { closing } from '@coucou/contracts/kernel/connection-events';
import type { z } from 'zod';

export type CloseReason = z.infer<typeof closing.payload>['reason'];

/** Close codes of plain WebSockets, two of them WebSocket's own; on Socket.IO only the `closing` event carries the reason. */
export const closeCodes: Readonly<Record<CloseReason, number>> = {
  server_draining: 4001,
  slow_consumer: 4002,
  rate_limited: 4003,
  payload_too_large: 1009,
  protocol_error: 1002,
  unauthenticated: 4401,
  session_revoked: 4402,
  suspended: 4403,
};
