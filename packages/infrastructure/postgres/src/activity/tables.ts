import type { ConnectionEnd, ConnectionTransport } from '@coucou/domain/activity/connection';
import type { PresenceStatus } from '@coucou/domain/presence/presence';

export type ConnectionLogTable = {
  account_id: string;
  id: string;
  user_id: string;
  session_id: string;
  /** The life of the process that it was made to. */
  run_id: string;
  node: string;
  transport: ConnectionTransport;
  ip: string;
  user_agent: string;
  connected_at: Date;
  ended_at: Date | null;
  end_reason: ConnectionEnd | null;
};

export type PresenceLogTable = {
  account_id: string;
  user_id: string;
  at: Date;
  id: string;
  status: PresenceStatus;
};
