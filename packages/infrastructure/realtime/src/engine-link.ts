import type { Socket } from 'socket.io';
import type { CloseReason } from './close-codes.ts';
import type { Heartbeat, Link, LinkOptions } from './link.ts';
import { GuardedWebSocket } from './web-socket.ts';

export type EngineConnection = Socket['conn'];

type Packet = Readonly<{ type: string; data?: string | Buffer; options?: Readonly<{ preEncoded?: boolean }> }>;
type Transport = EngineConnection['transport'] & { readonly socket?: unknown; maxHttpBufferSize?: number };

/** What Engine.IO keeps to itself: a timer for the next ping of each connection, and the ways to send one and to give the peer up. */
type Private = {
  pingIntervalTimer: NodeJS.Timeout | null;
  sendPacket: (type: 'ping') => void;
  onClose: (reason: 'ping timeout' | 'forced close') => void;
};
const privateOf = (conn: EngineConnection): Private => conn as unknown as Private;

const LINK = Symbol('link');
type Linked = EngineConnection & { [LINK]?: EngineLink };

export const engineLinkOf = (conn: object): EngineLink | undefined => (conn as Linked)[LINK];

/**
 * The link of an Engine.IO connection, from its handshake on. Four listeners are shared by all connections.
 *
 * Backpressure: Engine.IO hands its whole buffer to the transport at once, and again after the write. So what waits is the buffer, and
 * what the transport holds: the WebSocket's own bytes, or the last batch of polling. It is looked at only while a client lags behind.
 */
export class EngineLink implements Link {
  readonly #conn: EngineConnection;
  readonly #options: LinkOptions;
  #waiting = 0;
  #lastBatch = 0;
  #isOver = false;
  #isPaused = false;
  /** When the peer is to be asked, or given up, whether it is there; 0 while it has just said so. */
  #dueAt = 0;
  #isAsked = false;
  /** Since it was asked. */
  #isHeard = false;
  #allowed: number | undefined;
  /** The request of a polling client that is not read from. */
  #held: (() => void) | undefined;

  constructor(conn: EngineConnection, options: LinkOptions) {
    this.#conn = conn;
    this.#options = options;
    (conn as Linked)[LINK] = this;
    conn.on('packetCreate', noteCreated);
    conn.on('flush', noteFlushed);
    conn.on('packet', noteReceived);
    conn.on('upgrade', noteUpgraded);
    this.adopt();
    // `beat` does that for all connections, without a timer for each.
    const own = privateOf(conn);
    if (own.pingIntervalTimer !== null) clearTimeout(own.pingIntervalTimer);
    own.pingIntervalTimer = null;
  }

  get #webSocket(): GuardedWebSocket | undefined {
    const { socket } = this.#conn.transport as Transport;
    return socket instanceof GuardedWebSocket ? socket : undefined;
  }

  get buffered(): number {
    return this.#waiting + (this.#webSocket?.bufferedAmount ?? this.#lastBatch);
  }

  get isOverflown(): boolean {
    return this.#isOver;
  }

  get readyState(): string {
    return this.#conn.readyState;
  }

  /** Takes over a transport: the first, or the one that the client upgraded to. */
  adopt(): void {
    this.#rest();
    const webSocket = this.#webSocket;
    if (webSocket !== undefined) {
      webSocket.owner = this;
      if (this.#isPaused) webSocket.pause();
    }
    if (this.#allowed !== undefined) this.allow(this.#allowed);
  }

  pause(): void {
    this.#isPaused = true;
    this.#webSocket?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    // What the peer said meanwhile is still to be read.
    this.#rest();
    this.#webSocket?.resume();
    const go = this.#held;
    this.#held = undefined;
    go?.();
  }

  /** Runs `go` once the client is read from again; false when a request waits for that already. */
  whenRead(go: () => void): boolean {
    if (!this.#isPaused) go();
    else if (this.#held === undefined) this.#held = go;
    else return false;
    return true;
  }

  beat(now: number, { intervalMs, timeoutMs }: Heartbeat): void {
    if (this.#isPaused) return;
    if (this.#dueAt === 0) this.#dueAt = now + intervalMs;
    if (now < this.#dueAt) return;
    if (this.#isAsked && !this.#isHeard) return this.#giveUp();
    this.#isAsked = true;
    this.#isHeard = false;
    this.#dueAt = now + timeoutMs;
    privateOf(this.#conn).sendPacket('ping');
  }

  /** The peer would not answer a closing handshake either. */
  #giveUp(): void {
    const webSocket = this.#webSocket;
    privateOf(this.#conn).onClose('ping timeout');
    webSocket?.terminate();
  }

  #rest(): void {
    this.#isAsked = false;
    this.#dueAt = 0;
  }

  probe(): void {
    this.#webSocket?.probe();
  }

  /** Undefined: what the server takes of everybody. */
  get allowed(): number | undefined {
    return this.#allowed;
  }

  allow(bytes: number): void {
    this.#allowed = bytes;
    const webSocket = this.#webSocket;
    if (webSocket !== undefined) webSocket.maxPayload = bytes;
    else (this.#conn.transport as Transport).maxHttpBufferSize = bytes;
  }

  /** As a packet of Socket.IO's: there may be no socket to send it. */
  announceClosing(reason: CloseReason): void {
    this.#conn.write(`2${JSON.stringify(['closing', { at: new Date().toISOString(), reason }])}`);
  }

  close(): void {
    this.#conn.close();
  }

  terminate(): void {
    const webSocket = this.#webSocket;
    this.#conn.close(true);
    // Long polling that is closing already waits half a minute for the client's next request.
    if (this.#conn.readyState !== 'closed') privateOf(this.#conn).onClose('forced close');
    webSocket?.terminate();
  }

  countCreated({ data, options }: Packet): void {
    if (options?.preEncoded === true) this.#options.delivered.add();
    this.#waiting += data?.length ?? 0;
    if (this.#conn.transport.writable || this.#isOver || this.buffered <= this.#options.mostBuffered) return;
    this.#isOver = true;
    this.#options.onOverflow(this);
  }

  noteFlood(): void {
    this.#options.onFlood(this);
  }

  noteTooLarge(): void {
    this.#options.onTooLarge(this);
  }

  countFlushed(): void {
    this.#lastBatch = this.#waiting;
    this.#waiting = 0;
  }

  /** An error and a ping are what Engine.IO answers by closing without a word. A client of Socket.IO sends neither. */
  hear(type: string): void {
    this.#isHeard = true;
    if (type === 'message') return;
    if (type === 'pong') {
      this.#webSocket?.countIdleFrame();
      if (this.#isAsked) this.#rest();
    } else if (type === 'error' || type === 'ping') this.announceClosing('protocol_error');
  }
}

function noteCreated(this: Linked, packet: Packet): void {
  this[LINK]?.countCreated(packet);
}

function noteFlushed(this: Linked): void {
  this[LINK]?.countFlushed();
}

function noteReceived(this: Linked, { type }: Packet): void {
  this[LINK]?.hear(type);
}

function noteUpgraded(this: Linked): void {
  this[LINK]?.adopt();
}
