import type { AccountId, Id, Instant, SessionId, UserId } from '../kernel/ids.ts';

export type ConnectionId = Id<'connection'>;

/** The carrier of a connection: long polling or WebSocket of Socket.IO, or a plain WebSocket. */
export type ConnectionTransport = 'polling' | 'websocket' | 'plain';

/**
 * Why a connection ended: the reason that the client was given, if the server closed it; else what the transport said. `unknown`: its node
 * stopped without saying, and the end is the last time that the node was seen.
 */
export type ConnectionEnd =
  | 'server_draining'
  | 'slow_consumer'
  | 'rate_limited'
  | 'payload_too_large'
  | 'protocol_error'
  | 'unauthenticated'
  | 'session_revoked'
  | 'suspended'
  | 'client_closed'
  | 'transport_closed'
  | 'transport_error'
  | 'ping_timeout'
  | 'unknown';

/** An entry of the connection log: one connection of a signed-in user. */
export type LoggedConnection = Readonly<{
  accountId: AccountId;
  id: ConnectionId;
  userId: UserId;
  sessionId: SessionId;
  /** The name of the node that it was made to. */
  node: string;
  /** The last one: Socket.IO begins with long polling and upgrades. */
  transport: ConnectionTransport;
  ip: string;
  userAgent: string;
  connectedAt: Instant;
  /** Absent while it is open. */
  ended: Readonly<{ at: Instant; reason: ConnectionEnd }> | undefined;
}>;
