import type { Connection, LoggedConnection as WireLoggedConnection } from '@coucou/contracts/activity/connection-history';
import type { PresenceEntry as WirePresenceEntry } from '@coucou/contracts/activity/presence-history';
import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import type { z } from 'zod';
import { deviceOf } from '../auth/device.ts';

export const presentConnection = ({ ended, ...connection }: LoggedConnection): z.infer<typeof Connection> => ({
  id: connection.id,
  userId: connection.userId,
  sessionId: connection.sessionId,
  transport: connection.transport,
  ip: connection.ip,
  userAgent: connection.userAgent,
  ...deviceOf(connection.userAgent),
  connectedAt: connection.connectedAt.toISOString(),
  ...(ended !== undefined && {
    endedAt: ended.at.toISOString(),
    endReason: ended.reason,
    // The clock of a node may be set back while it is open.
    durationMs: Math.max(0, ended.at.getTime() - connection.connectedAt.getTime()),
  }),
});

export const presentLoggedConnection = (connection: LoggedConnection): z.infer<typeof WireLoggedConnection> => ({
  ...presentConnection(connection),
  node: connection.node,
});

export const presentPresenceEntry = ({ userId, status, at }: PresenceEntry): z.infer<typeof WirePresenceEntry> => ({
  userId,
  status,
  at: at.toISOString(),
});
