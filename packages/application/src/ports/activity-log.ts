import type { ConnectionEnd, ConnectionTransport } from '@coucou/domain/activity/connection';
import type { AccountId, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { PresenceChange } from './presence.ts';

/** A connection of somebody who has just signed in on it. */
export type BegunConnection = Readonly<{
  account: AccountId;
  userId: UserId;
  sessionId: SessionId;
  transport: ConnectionTransport;
  ip: string;
  userAgent: string;
}>;

/** The end of one connection; `transport`: the one it had in the end. Once. */
export type EndConnection = (end: Readonly<{ transport: ConnectionTransport; reason: ConnectionEnd }>) => void;

/**
 * The connection log and the presence log, as what happens on this node writes them: into memory, from where rows go to the database in
 * batches. Nothing waits for them and nothing fails by them; rows that find no room are lost and counted.
 */
export interface ActivityLog {
  connected(connection: BegunConnection): EndConnection;
  presenceChanged(changes: readonly PresenceChange[]): void;
}
