import type { Socket } from 'socket.io';
import { Rooms } from './rooms.ts';

/** Who is connected to this node. Made before the gateway: operations ask about connections, and the gateway needs the operations. */
export type Connections = Readonly<{ rooms: Rooms; sockets: Map<string, Socket> }>;

export const createConnections = (): Connections => ({ rooms: new Rooms(), sockets: new Map() });
