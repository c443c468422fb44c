import type { Socket } from 'socket.io';
import { closeSocket } from './connection.ts';
import { Rooms } from './rooms.ts';

/** The connections of this node. Created before the gateway: operations need the connections, and the gateway needs the operations. */
export type Connections = Readonly<{ rooms: Rooms; sockets: Map<string, Socket> }>;

/** Closes all connections, to reconnect elsewhere, spread over the second half of this time: all at once, they would be too many. */
export function sendAway({ sockets }: Connections, retryAfterMs = 2_000): void {
  for (const socket of sockets.values()) closeSocket(socket, 'server_draining', Math.round((retryAfterMs * (1 + Math.random())) / 2));
}

export const createConnections = (): Connections => ({ rooms: new Rooms(), sockets: new Map() });
