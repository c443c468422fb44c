import type { Socket } from 'socket.io';
import { Rooms } from './rooms.ts';

/** The connections of this node. Created before the gateway: operations need the connections, and the gateway needs the operations. */
export type Connections = Readonly<{ rooms: Rooms; sockets: Map<string, Socket> }>;

export const createConnections = (): Connections => ({ rooms: new Rooms(), sockets: new Map() });
