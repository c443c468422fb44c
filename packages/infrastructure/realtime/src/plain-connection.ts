import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { boundSessionErrors } from '@coucou/contracts/kernel/operation';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { type BroadcastOptions, textFrame } from './broadcast.ts';
import { type CloseReason, closeCodes } from './close-codes.ts';
import type { Heartbeat, Link, LinkOptions } from './link.ts';
import { shortName } from './operation-name.ts';
import type { GuardedWebSocket } from './web-socket.ts';

/** As much of a WebSocket as a connection needs. */
export type PlainSocket = Pick<GuardedWebSocket, 'owner' | 'countIdleFrame' | 'probe' | 'sendFrame' | 'maxPayload'> &
  Pick<GuardedWebSocket, 'on' | 'once' | 'send' | 'ping' | 'pause' | 'resume' | 'close' | 'terminate' | 'bufferedAmount'>;

/** What all plain connections share. */
export type PlainOptions = LinkOptions &
  Readonly<{
    errorBody: (error: ChatError, path: string) => { code?: string };
    /** Bytes of a frame that is dispatched; a longer one is parsed for its name and refused. */
    maxPayload: number;
  }>;

/** Event names that Socket.IO's parser treats as protocol violations; here they are ordinary unknown names. */
const reserved = new Set(['connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);

const POLICY_VIOLATION = 1008;
/** By the error's code: reconnect with another token, or later. */
const refusalCodes: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: closeCodes.unauthenticated,
  TOKEN_EXPIRED: closeCodes.unauthenticated,
  SESSION_REVOKED: closeCodes.session_revoked,
  USER_SUSPENDED: closeCodes.suspended,
  ACCOUNT_SUSPENDED: closeCodes.suspended,
  ...Object.fromEntries(boundSessionErrors.map((code) => [code, closeCodes.unauthenticated])),
  RATE_LIMITED: closeCodes.rate_limited,
  SERVICE_UNAVAILABLE: closeCodes.server_draining,
  OVERLOADED: closeCodes.server_draining,
};

const idle = { name: 'websocket', writable: true } as const;
const busy = { name: 'websocket', writable: false } as const;

/** Of what is written to one connection alone. */
type WriteOptions = Readonly<{ preEncoded?: never }>;

const isAckId = (id: unknown): id is number => Number.isSafeInteger(id) && (id as number) >= 0;

/**
 * A plain WebSocket in the shape of an Engine.IO connection, so that Socket.IO takes it for one of its own: only the framing is
 * rewritten. In: `["connect", auth]`, `[operation, input, id?, meta?]`. Out: `["ack", id, result]`, `[event, payload]`,
 * `["connect_error", error]`. What is handed on is always put together here, from checked parts: nothing a client writes
 * is parsed as a Socket.IO packet.
 */
export class PlainConnection extends EventEmitter implements Link {
  readonly id: string;
  readonly protocol = 4;
  readonly remoteAddress: string | undefined;
  request: IncomingMessage | undefined;
  readyState: 'open' | 'closing' | 'closed' = 'open';
  closeCode: number | undefined;

  readonly #ws: PlainSocket;
  readonly #options: PlainOptions;
  #stage: 'new' | 'connecting' | 'connected' = 'new';
  #heardAt = Date.now();
  #pingedAt = 0;
  #overflown = false;
  #isPaused = false;
  #isSilent = false;

  constructor(id: string, ws: PlainSocket, request: IncomingMessage, options: PlainOptions) {
    super();
    this.id = id;
    this.request = request;
    this.remoteAddress = request.socket.remoteAddress;
    this.#ws = ws;
    this.#options = options;
    ws.owner = this;
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    ws.on('pong', () => this.#heard());
    ws.on('close', () => {
      this.readyState = 'closed';
      this.emit('close', this.#isSilent ? 'ping timeout' : 'transport close');
    });
  }

  /** Asked by Socket.IO before it drops a volatile event. */
  get transport(): typeof idle | typeof busy {
    return this.#ws.bufferedAmount === 0 ? idle : busy;
  }

  /** What Socket.IO's parser encoded: a digit for the type, an id for acknowledgements, JSON. */
  write(packet: unknown, options: WriteOptions | BroadcastOptions = {}): void {
    if (this.readyState !== 'open' || typeof packet !== 'string') return;
    switch (packet[0]) {
      case '0':
        // Covered by the `connected` event.
        this.#stage = 'connected';
        return;
      case '2':
        if (options.preEncoded !== true) return this.#send(packet.slice(1));
        this.#options.delivered.add();
        options.plainFrame ??= textFrame(packet.slice(1));
        this.#ws.sendFrame(options.plainFrame);
        return this.#checkBuffer();
      case '3': {
        const at = packet.indexOf('[');
        return this.#send(`["ack",${packet.slice(1, at)},${packet.slice(at + 1)}`);
      }
      case '4':
        return this.#refuseConnection(packet.slice(1));
    }
  }

  close(): void {
    if (this.readyState !== 'open') return;
    if (this.closeCode === undefined && this.#stage !== 'connected') this.announceClosing('unauthenticated');
    this.readyState = 'closing';
    this.#ws.close(this.closeCode ?? 1000);
  }

  get isOverflown(): boolean {
    return this.#overflown;
  }

  get buffered(): number {
    return this.#ws.bufferedAmount;
  }

  pause(): void {
    this.#isPaused = true;
    this.#ws.pause();
  }

  resume(): void {
    this.#isPaused = false;
    // What the client said meanwhile is still to be read, its pongs among it.
    this.#heard();
    this.#ws.resume();
  }

  probe(): void {
    if (this.readyState === 'open') this.#ws.probe();
  }

  allow(bytes: number): void {
    this.#ws.maxPayload = bytes;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** For a connection without a Socket.IO socket, before or after it has one. */
  announceClosing(reason: CloseReason): void {
    this.closeCode = closeCodes[reason];
    this.#send(JSON.stringify(['closing', { at: new Date().toISOString(), reason }]));
  }

  beat(now: number, { intervalMs, timeoutMs }: Heartbeat): void {
    // It is not asked while it cannot say so.
    if (this.#isPaused) return;
    if (this.#pingedAt !== 0) {
      if (now - this.#pingedAt <= timeoutMs) return;
      this.#isSilent = true;
      this.#ws.terminate();
    } else if (now - this.#heardAt > intervalMs) {
      this.#pingedAt = now;
      this.#ws.ping();
    }
  }

  noteFlood(): void {
    this.#options.onFlood(this);
  }

  noteTooLarge(): void {
    this.#options.onTooLarge(this);
  }

  #heard(): void {
    this.#heardAt = Date.now();
    this.#pingedAt = 0;
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#heard();
    if (this.readyState !== 'open') return;
    if (isBinary) return this.#refuse(errors.VALIDATION_FAILED([{ path: [], rule: 'text_frame', message: 'Send text frames.' }]));
    const { maxPayload } = this.#options;
    let frame: unknown;
    try {
      frame = JSON.parse(data.toString());
    } catch {
      return this.#refuse(data.length > maxPayload ? errors.PAYLOAD_TOO_LARGE({ limit: maxPayload }) : errors.MALFORMED_JSON());
    }
    if (data.length > maxPayload) return this.#refuse(errors.PAYLOAD_TOO_LARGE({ limit: maxPayload }), namedIn(frame));
    if (!Array.isArray(frame) || typeof frame[0] !== 'string' || frame.length > 4)
      return this.#refuse(
        errors.VALIDATION_FAILED([{ path: [], rule: 'frame', message: 'A frame is an array: [operation, input, id?, meta?].' }]),
      );
    if (frame[0] === 'connect') this.#connect(frame);
    else this.#call(frame as [string, unknown, unknown, unknown]);
  }

  #connect(frame: readonly unknown[]): void {
    const auth = frame[1] ?? {};
    if (this.#stage !== 'new' || frame.length > 2 || typeof auth !== 'object' || Array.isArray(auth))
      return this.#refuse(
        errors.VALIDATION_FAILED([{ path: [], rule: 'connect', message: 'Once per connection: ["connect", {token?}].' }]),
        ['connect'],
      );
    this.#stage = 'connecting';
    this.#handOn('0', auth, ['connect']);
  }

  #call([operation, input, id, meta]: [string, unknown, unknown, unknown]): void {
    if (id != null && !isAckId(id))
      return this.#refuse(
        errors.VALIDATION_FAILED([{ path: [2], rule: 'ack_id', message: 'An id is a whole number from 0 to 2^53 - 1.' }]),
        [operation],
      );
    const named: Named = id == null ? [operation] : [operation, id];
    if (this.#stage !== 'connected') return this.#refuse(errors.UNAUTHENTICATED(), named);
    if (reserved.has(operation)) return this.#refuse(errors.OPERATION_UNKNOWN(), named);
    this.#handOn(`2${id ?? ''}`, meta == null ? [operation, input ?? {}] : [operation, input ?? {}, meta], named);
  }

  #handOn(prefix: string, body: object, named: Named): void {
    let json: string;
    try {
      json = JSON.stringify(body);
    } catch {
      // Nested too deeply for the stack.
      return this.#refuse(errors.VALIDATION_FAILED([{ path: [], rule: 'depth', message: 'The input is nested too deeply.' }]), named);
    }
    this.emit('data', prefix + json);
  }

  /** What never becomes an event is not among those that a socket may send. */
  #refuse(error: ChatError, [name = '', id]: Named = []): void {
    this.#ws.countIdleFrame();
    if (this.readyState !== 'open') return;
    const operation = shortName(name);
    const body = this.#options.errorBody(error, operation);
    const frame =
      id === undefined ? ['error', { at: new Date().toISOString(), operation, error: body }] : ['ack', id, { ok: false, error: body }];
    this.#send(JSON.stringify(frame));
  }

  /** `json` is Socket.IO's `{message, data}`; the data is the error as clients know it. */
  #refuseConnection(json: string): void {
    const { data = this.#options.errorBody(errors.INTERNAL(), 'connect') } = JSON.parse(json) as { data?: { code?: string } };
    this.#send(JSON.stringify(['connect_error', data]));
    this.closeCode = refusalCodes[data.code ?? ''] ?? POLICY_VIOLATION;
    this.close();
  }

  #send(text: string): void {
    this.#ws.send(text);
    this.#checkBuffer();
  }

  #checkBuffer(): void {
    if (this.#overflown || this.#ws.bufferedAmount <= this.#options.mostBuffered) return;
    this.#overflown = true;
    this.#options.onOverflow(this);
  }
}

type Named = readonly [operation?: string, id?: number];

/** What a frame that is not taken calls itself. */
function namedIn(frame: unknown): Named {
  const [name, , id] = Array.isArray(frame) ? (frame as unknown[]) : [];
  if (typeof name !== 'string') return [];
  return isAckId(id) ? [name, id] : [name];
}
