import type { Socket } from 'socket.io';
import { closeSocket } from './connection.ts';
import { Rooms } from './rooms.ts';

/** The connections of this node. Created before the gateway: operations need the connections, and the gateway needs the operations. */
export type Connections = Readonly<{ rooms: Rooms; sockets: Map<string, Socket> }>;

/** A time of each client's own, in the second half of what they have. */
export const retryWithin = (ms: number, random: () => number = Math.random): number => Math.round((ms * (1 + random())) / 2);

/** Closes all connections, to reconnect elsewhere, spread over the second half of this time: all at once, they would be too many. */
export function sendAway({ sockets }: Connections, retryAfterMs = 2_000): void {
  for (const socket of sockets.values()) closeSocket(socket, 'server_draining', retryWithin(retryAfterMs));
}

export const createConnections = (): Connections => ({ rooms: new Rooms(), sockets: new Map() });
