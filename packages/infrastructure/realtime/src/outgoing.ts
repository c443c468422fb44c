import type { EventEmitter } from 'node:events';
import type { Socket } from 'socket.io';

type Packet = Readonly<{ data?: string | Buffer }>;

const OUTGOING = Symbol('outgoing');
type Outgoing = { readonly socket: Socket; readonly guard: OutgoingGuard; waiting: number; inFlight: number; over: boolean };
type Watched = EventEmitter & { readonly transport: { readonly writable: boolean }; [OUTGOING]?: Outgoing };

/**
 * Backpressure: bounds the buffer of an Engine.IO client that does not read. Engine.IO hands its whole buffer to the transport at
 * once, and again after the write; so the total is the batch in flight and the buffer behind it. Two listeners
 * shared by all connections count both; nothing is measured while a client keeps up.
 */
export class OutgoingGuard {
  readonly mostBuffered: number;
  readonly onOverflow: (socket: Socket) => void;

  constructor(mostBuffered: number, onOverflow: (socket: Socket) => void) {
    this.mostBuffered = mostBuffered;
    this.onOverflow = onOverflow;
  }

  watch(socket: Socket): void {
    const conn = socket.conn as unknown as Watched;
    conn[OUTGOING] = { socket, guard: this, waiting: 0, inFlight: 0, over: false };
    conn.on('packetCreate', countPacket);
    conn.on('flush', startBatch);
  }
}

function countPacket(this: Watched, { data }: Packet): void {
  const outgoing = this[OUTGOING];
  if (outgoing === undefined) return;
  outgoing.waiting += data?.length ?? 0;
  if (this.transport.writable || outgoing.over) return;
  const { guard } = outgoing;
  if (outgoing.waiting + outgoing.inFlight <= guard.mostBuffered) return;
  outgoing.over = true;
  guard.onOverflow(outgoing.socket);
}

function startBatch(this: Watched): void {
  const outgoing = this[OUTGOING];
  if (outgoing === undefined) return;
  outgoing.inFlight = outgoing.waiting;
  outgoing.waiting = 0;
}
