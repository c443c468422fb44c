import type { ConnectionEnd } from '@coucou/domain/activity/connection';
import type { Connection } from './connection.ts';

/** In the words of Socket.IO (https://socket.io/docs/v4/server-socket-instance/#disconnect). */
const ends: Readonly<Record<string, ConnectionEnd>> = {
  'client namespace disconnect': 'client_closed',
  'transport close': 'transport_closed',
  'transport error': 'transport_error',
  'ping timeout': 'ping_timeout',
  'parse error': 'protocol_error',
  'server shutting down': 'server_draining',
  'forced close': 'transport_closed',
};

/** Why a connection ended: as its client was told, if it was; else as the transport says. */
export const endOf = ({ closing }: Pick<Connection, 'closing'>, reason: string): ConnectionEnd => closing ?? ends[reason] ?? 'unknown';
