import type { Counter } from '@coucou/application/ports/metrics';
import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import type { CloseReason } from './close-codes.ts';
import { closeSocket, connectionOf } from './connection.ts';
import { type EngineConnection, EngineLink, engineLinkOf } from './engine-link.ts';
import type { Heartbeat, Link, LinkOptions } from './link.ts';
import type { Strangers } from './strangers.ts';
import { OpenConnections } from './open-connections.ts';
import { PlainConnection } from './plain-connection.ts';
import { socketFields } from './socket-fields.ts';

export type LinksOptions = Readonly<{
  /** Bytes that may be buffered for one client. */
  mostBuffered: number;
  /** Bytes of a message that a signed-in client may send without losing the connection. */
  mostPayload: number;
  authenticateTimeoutMs: number;
  heartbeat: Heartbeat;
  /** Connections that one network may have open; absent: any number. */
  mostOfNetwork?: number | undefined;
  /** Those that nobody has signed in to. */
  strangers: Pick<Strangers, 'enter' | 'leave'>;
  /** Counts connections that were one too many. */
  refusedConnections: Counter;
  clientOf: (request: Socket['request']) => Readonly<{ ip: string }>;
  /** Of connections of Socket.IO. */
  delivered: Counter;
  log: Logger;
}>;

/** How long a client that does not read may take to complete the close. */
const LINGER_MS = 5_000;
const WARN_EVERY_MS = 60_000;

/** A round looks at every connection once, in so many steps: pings of all at once would keep everybody waiting. */
export const STEPS = 10;

const linkOf = ({ conn }: Socket): Link | undefined =>
  (conn as unknown) instanceof PlainConnection ? (conn as unknown as Link) : engineLinkOf(conn);

/** All connections of this node, with or without a Socket.IO socket: their limits, deadlines and ends. */
export class Links {
  readonly options: LinkOptions;
  readonly #own: LinksOptions;
  /** A wheel: each step of a round looks at the connections of one part. */
  readonly #parts = Array.from({ length: STEPS }, () => new Set<Link>());
  #step = 0;
  #begun = 0;
  readonly #sockets = new WeakMap<Link, Socket>();
  /** Until when those without a socket may connect one, and until when a close may take. */
  readonly #pending = new Map<Link, number>();
  readonly #lingering = new Map<Link, number>();
  readonly #paused = new Set<Link>();
  /** One listener for all connections. */
  readonly #closed: (this: object) => void;

  readonly #open: OpenConnections<object>;
  #warnedAt = 0;

  constructor(own: LinksOptions) {
    this.#own = own;
    const open = new OpenConnections<object>({ ofNetwork: own.mostOfNetwork });
    this.#open = open;
    this.#closed = function (this: object) {
      open.leave(this);
      own.strangers.leave(this);
    };
    this.options = {
      mostBuffered: own.mostBuffered,
      // Deferred, since the socket may be in the middle of a broadcast.
      onOverflow: (link) => setImmediate(() => this.#closeSlow(link)),
      onFlood: (link) => {
        this.#note(link, 'closed a connection: it floods with frames that call nothing');
        this.#end(link, 'rate_limited', LINGER_MS);
      },
      onTooLarge: (link) => this.noteTooLarge(link),
      delivered: own.delivered,
    };
  }

  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** Bytes that wait for clients. */
  buffered(): readonly (readonly ['all' | 'largest', number])[] {
    let [all, largest] = [0, 0];
    for (const part of this.#parts)
      for (const { buffered } of part) {
        all += buffered;
        largest = Math.max(largest, buffered);
      }
    return [
      ['all', all],
      ['largest', largest],
    ];
  }

  begin(conn: EngineConnection | PlainConnection): void {
    const link = conn instanceof PlainConnection ? conn : new EngineLink(conn, this.options);
    this.#parts[this.#begun++ % STEPS]?.add(link);
    this.#pending.set(link, Date.now() + this.#own.authenticateTimeoutMs);
    const { request } = conn;
    const { ip } = request === undefined ? { ip: '' } : this.#own.clientOf(request);
    conn.on('close', this.#closed);
    if (this.#open.enter(conn, ip)) {
      if (this.#own.strangers.enter(conn, ip)) return;
    } else {
      this.#own.refusedConnections.add();
      this.#warnOfCrowd(ip);
    }
    this.#end(link, 'rate_limited', LINGER_MS);
  }

  /** Where everybody comes from one address, the server stands behind a proxy that it does not know, more often than it is attacked. */
  #warnOfCrowd(ip: string): void {
    const now = Date.now();
    if (now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    this.#own.log.warn(
      { ip },
      'closed a connection: its address has as many as LIMIT_CONNECTIONS allows; behind a proxy name that in TRUST_PROXY, or everybody has its address',
    );
  }

  /** Of a socket that goes on sending what is refused. */
  closeFlooding(socket: Socket): void {
    const link = linkOf(socket);
    if (link?.readyState !== 'open') return;
    this.#note(link, 'closed a connection: it floods with calls that are refused');
    this.#end(link, 'rate_limited', LINGER_MS);
  }

  joined(socket: Socket): void {
    const link = linkOf(socket);
    if (link === undefined) return;
    this.#pending.delete(link);
    this.#sockets.set(link, socket);
    if (connectionOf(socket).identity !== undefined) this.signedIn(socket);
  }

  signedIn(socket: Socket): void {
    this.#own.strangers.leave(socket.conn);
    linkOf(socket)?.allow(this.#own.mostPayload);
  }

  pause(socket: Socket): void {
    const link = linkOf(socket);
    if (link === undefined) return;
    this.#paused.add(link);
    link.pause();
  }

  resume(socket: Socket): void {
    const link = linkOf(socket);
    if (link === undefined) return;
    this.#paused.delete(link);
    link.resume();
  }

  /** Whether it is about to be closed, since it reads too little of what it is sent. */
  isOverflown(socket: Socket): boolean {
    return linkOf(socket)?.isOverflown === true;
  }

  /** A request by long polling before the last one is answered, which no client of Socket.IO sends. */
  refuseOverlapping(link: Link): void {
    this.#note(link, 'closed a connection: it sent a request before the last one was answered');
    this.#end(link, 'protocol_error', LINGER_MS);
  }

  /** A message above the hard limit: a retry cannot succeed, so the client gets the reason first where its transport still allows it. */
  refuseTooLarge(link: Link): void {
    this.noteTooLarge(link);
    this.#end(link, 'payload_too_large', LINGER_MS);
  }

  noteTooLarge(link: Link): void {
    const socket = this.#sockets.get(link);
    if (socket !== undefined) connectionOf(socket).closing ??= 'payload_too_large';
    this.#note(link, 'closed a connection: it sent more than one message may hold');
  }

  /** One step: heartbeats, deadlines, stuck closes, and what clients hold that do not read. */
  sweep(now: number): void {
    if (this.#step === 0) this.#beginRound(now);
    const part = this.#parts[this.#step];
    for (const link of part ?? []) if (this.#look(link, now)) part?.delete(link);
    this.#step = (this.#step + 1) % STEPS;
  }

  #beginRound(now: number): void {
    for (const [link, until] of this.#lingering) {
      if (until > now) continue;
      this.#lingering.delete(link);
      link.terminate();
    }
    for (const [link, deadline] of this.#pending) {
      if (deadline > now) continue;
      this.#pending.delete(link);
      // Socket.IO's own timeout, or an error, may have come first.
      if (link.readyState === 'open') this.#end(link, 'unauthenticated', 0);
      else link.terminate();
    }
    for (const link of this.#paused) if (link.readyState === 'open') link.probe();
  }

  /** Whether it is gone. */
  #look(link: Link, now: number): boolean {
    if (link.readyState === 'closed') {
      this.#paused.delete(link);
      // Who never signed in is not waited for.
      if (this.#pending.delete(link)) link.terminate();
      return true;
    }
    if (link.readyState === 'closing') {
      if (!this.#lingering.has(link)) this.#lingering.set(link, now + LINGER_MS);
      return false;
    }
    if (link.buffered > this.#own.mostBuffered) this.#closeSlow(link);
    const socket = this.#sockets.get(link);
    if (socket === undefined || connectionOf(socket).deadline > now) link.beat(now, this.#own.heartbeat);
    else this.#end(link, 'unauthenticated', connectionOf(socket).identity === undefined ? 0 : LINGER_MS);
    return false;
  }

  #closeSlow(link: Link): void {
    if (link.readyState !== 'open') return;
    this.#note(link, 'closed a slow consumer');
    this.#end(link, 'slow_consumer', LINGER_MS);
  }

  #end(link: Link, reason: CloseReason, lingerMs: number): void {
    if (link.readyState !== 'open') return;
    this.#lingering.set(link, Date.now() + lingerMs);
    const socket = this.#sockets.get(link);
    if (socket?.connected === true) return closeSocket(socket, reason);
    link.announceClosing(reason);
    link.close();
  }

  #note(link: Link, message: string): void {
    const socket = this.#sockets.get(link);
    this.#own.log.info(socket === undefined ? {} : socketFields(socket), message);
  }
}
