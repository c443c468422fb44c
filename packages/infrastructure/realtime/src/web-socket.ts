import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { closeCodes } from './close-codes.ts';

/** Pings, pongs and frames that are no calls that a client may send: many times what any library does. */
const IDLE_FRAMES = { most: 100, windowMs: 10_000 };
/** How long a peer may take to answer a close frame before its connection is cut. */
const CLOSE_TIMEOUT_MS = 5_000;
const TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** The connection that a WebSocket belongs to. */
export type Owner = Readonly<{
  /** The client sends more frames that call nothing than any library does: called once. */
  noteFlood: () => void;
  /** The client sent a frame above the limit; the WebSocket is being closed with 1009. */
  noteTooLarge: () => void;
}>;

/** Every WebSocket of the server, Engine.IO's and plain ones, with limits on frames that call nothing and message size. */
export class GuardedWebSocket extends WebSocket {
  owner: Owner | undefined;
  #idleFrames = 0;
  #countedUntil = 0;
  /** Answers of the client that are still to come, and count as nothing. */
  #probes = 0;

  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args);
    this.on('ping', noteIdleFrame);
    this.on('pong', notePong);
    this.noteErrorsOnly();
  }

  /** Drops the error listeners of others. Without any, an error of this socket would end the process. */
  noteErrorsOnly(): void {
    this.removeAllListeners('error');
    this.on('error', noteError);
  }

  /** Heartbeats of Engine.IO count as well: they are to it what pongs are to a WebSocket. */
  countIdleFrame(): void {
    const now = performance.now();
    if (now > this.#countedUntil) {
      this.#countedUntil = now + IDLE_FRAMES.windowMs;
      this.#idleFrames = 0;
    }
    this.#idleFrames += 1;
    if (this.#idleFrames !== IDLE_FRAMES.most + 1) return;
    if (this.owner === undefined) this.close(closeCodes.rate_limited);
    else this.owner.noteFlood();
  }

  /** For a client that is not read from, whose answers are read all at once later. */
  probe(): void {
    this.#probes += 1;
    this.ping();
  }

  countPong(): void {
    if (this.#probes > 0) this.#probes -= 1;
    else this.countIdleFrame();
  }

  noteError({ code }: Error & { code?: string }): void {
    if (code === TOO_LARGE) this.owner?.noteTooLarge();
  }

  /** Writes a whole frame, which was encoded once for many sockets. `ws` has no public way to. */
  sendFrame(frame: Buffer): void {
    if (this.readyState === WebSocket.OPEN)
      (this as unknown as { _sender: { sendFrame: (frames: readonly Buffer[]) => void } })._sender.sendFrame([frame]);
  }

  /**
   * Bytes of one message. `ws` compares with it the length that a frame announces, before it buffers any of the frame, and has no
   * public way to change it once connected.
   */
  set maxPayload(bytes: number) {
    (this as unknown as { _receiver: { _maxPayload: number } })._receiver._maxPayload = bytes;
  }
}

function noteIdleFrame(this: WebSocket): void {
  (this as GuardedWebSocket).countIdleFrame();
}

function notePong(this: WebSocket): void {
  (this as GuardedWebSocket).countPong();
}

function noteError(this: WebSocket, error: Error): void {
  (this as GuardedWebSocket).noteError(error);
}

/** For servers of `ws`, whose types know neither a subclass nor the time limit. */
export const guarded: object = {
  WebSocket: GuardedWebSocket,
  perMessageDeflate: false,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // Not below the limit above, or `ws` would cut the connection before the reason is sent.
  maxPendingAutoPongs: 2 * IDLE_FRAMES.most,
};

/** What Engine.IO makes its WebSockets with. */
export class GuardedServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, ...guarded });
  }
}
