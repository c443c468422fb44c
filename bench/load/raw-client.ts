import { WebSocket } from 'ws';

/** A frame of the load: bytes, because parsing JSON for every message would cost as much as the server spends. */
export interface Listener {
  acked(id: number, frame: Buffer): void;
  event(frame: Buffer): void;
  closed(why: string): void;
}

const OPEN = 0x30;
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECT = 0x30;
const EVENT = 0x32;
const ACK = 0x33;
const CONNECT_ERROR = 0x34;
const BRACKET = 0x5b;

/** Socket.IO over Engine.IO v4 by hand: a full client library costs about as much processor time as the server under test. */
export class RawClient {
  readonly #socket: WebSocket;
  readonly #listener: Listener;
  #leaving = false;

  private constructor(socket: WebSocket, listener: Listener) {
    this.#socket = socket;
    this.#listener = listener;
  }

  /** Resolves once the server has answered the Socket.IO handshake; `auth` is the JSON text of its `auth` object. */
  static connect(url: string, auth: string, listener: Listener): Promise<RawClient> {
    const address = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, { perMessageDeflate: false, handshakeTimeout: 20_000 });
    const client = new RawClient(socket, listener);
    const { promise, resolve, reject } = Promise.withResolvers<RawClient>();
    socket.on('message', (frame: Buffer) => {
      const kind = frame[0];
      if (kind === PING) socket.send('3');
      else if (kind === OPEN) socket.send(`40${auth}`);
      else if (kind !== MESSAGE) return;
      else if (frame[1] === EVENT) listener.event(frame);
      else if (frame[1] === ACK) client.#acked(frame);
      else if (frame[1] === CONNECT) resolve(client);
      else if (frame[1] === CONNECT_ERROR) reject(new Error(`refused: ${frame.toString()}`));
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      const why = `closed with ${code} ${reason.toString()}`;
      reject(new Error(why));
      if (!client.#leaving) listener.closed(why);
    });
    return promise;
  }

  send(frame: string): void {
    this.#socket.send(frame);
  }

  /** Ends the connection without a closing handshake, as a network does. */
  cut(): void {
    this.#leaving = true;
    this.#socket.terminate();
  }

  /** Reads nothing from here on, so that what is sent piles up; until `resume`. */
  stall(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  leave(): void {
    this.#leaving = true;
    this.#socket.close();
  }

  #acked(frame: Buffer): void {
    let id = 0;
    let at = 2;
    for (let byte = frame[at]; byte !== undefined && byte !== BRACKET; byte = frame[++at]) id = id * 10 + (byte - 0x30);
    this.#listener.acked(id, frame);
  }
}
