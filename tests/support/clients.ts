import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { EventLog, type Payload } from './event-log.ts';
import { behind } from './load-balancing.ts';
import { withDeadline } from './until.ts';

/**
 * Clients as thin as can be: what they send is what the test says, what they answer is what came over the wire. They
 * retry nothing, reconnect never and do not know the contract.
 */

export type HttpAnswer = { status: number; body: Payload; headers: Headers };
export type WireError = { code: string; error: string; details: unknown; timestamp: string; path: string; requestId: string; docs: string };
/** What a socket acknowledges; over HTTP made of status and body, so that one table of tests fits all transports. */
export type Result = { ok: true; data: Payload } | { ok: false; error: WireError };
export type Transport = 'http' | 'socket.io' | 'websocket';
/** `code` is the WebSocket's, `reason` the one the server announced by `closing`, else the transport's own word for it. */
export type Closed = { code: number | undefined; reason: string };

export type HttpClient = {
  /** `path` starts with a slash and is taken as it is. An object is sent as JSON; FormData, strings and bytes as they are. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
};

export type SocketClient = {
  readonly transport: 'socket.io' | 'websocket';
  readonly events: EventLog;
  /** Settles when the connection ends, whoever ended it. */
  readonly closed: Promise<Closed>;
  /** Connects and gives back the payload of `connected`; a refusal is thrown as `ConnectRefused`. */
  connect(): Promise<Payload>;
  /** Sends and waits for the acknowledgement; fails if the connection ends first. */
  call(event: string, input?: unknown, meta?: unknown): Promise<Result>;
  /** Sends without asking for an acknowledgement, whatever it is: `[event, ...rest]`. */
  emitRaw(...frame: unknown[]): void;
  close(): Promise<void>;
};

export type SocketOptions = {
  token?: string;
  /** More of the handshake: `deviceId`, `protocol`, `features` … */
  auth?: Record<string, unknown>;
  headers?: Record<string, string>;
};

export class ConnectRefused extends Error {
  readonly error: WireError;
  constructor(error: WireError) {
    super(`the connection was refused: ${error.code ?? JSON.stringify(error)}`);
    this.error = error;
  }
}

/** The data of a result that must be one. */
export function dataOf(result: Result): Payload {
  if (!result.ok) throw new Error(`expected data, was answered ${result.error.code}: ${result.error.error}`, { cause: result.error });
  return result.data;
}

export function httpClient(baseUrl: string, { token, clientKey }: { token?: string; clientKey?: string } = {}): HttpClient {
  return {
    async call(method, path, body, headers = {}) {
      const all = new Headers({ ...(token && { authorization: `Bearer ${token}` }), ...(clientKey && { 'x-client-key': clientKey }) });
      const asItIs = body === undefined || typeof body === 'string' || body instanceof FormData || body instanceof Uint8Array;
      if (!asItIs) all.set('content-type', 'application/json');
      for (const [name, value] of Object.entries(headers)) all.set(name, value);
      const response = await fetch(new URL(path, baseUrl), {
        method,
        headers: all,
        redirect: 'manual',
        ...(body !== undefined && { body: asItIs ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = text !== '' && /[/+]json\b/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text || undefined };
    },
  };
}

/** WebSocket only unless told otherwise, for a test that is not about the upgrade need not wait for one; behind sticky sessions long polling only. */
export function socketIoClient(
  url: string,
  {
    token,
    auth,
    headers,
    transports = [behind === 'haproxy-sticky' ? 'polling' : 'websocket'],
  }: SocketOptions & { transports?: ('polling' | 'websocket')[] } = {},
): SocketClient & { socket: Socket } {
  const socket: Socket = io(url, {
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    transports,
    // Keeps cookies, by which a load balancer knows the client again.
    withCredentials: true,
    auth: { ...(token !== undefined && { token }), ...auth },
    ...(headers && { extraHeaders: headers }),
  });
  const events = new EventLog();
  const closed = Promise.withResolvers<Closed>();
  socket.onAny((name: string, payload: Payload) => events.record(name, payload));
  socket.on('disconnect', (reason, detail) => {
    const cause = detail && 'context' in detail ? (detail.context as { code?: number } | undefined) : undefined;
    closed.resolve({ code: cause?.code, reason: events.of('closing').at(-1)?.reason ?? reason });
  });
  const client = {
    transport: 'socket.io',
    events,
    closed: closed.promise,
    socket,
    async connect() {
      const { promise, resolve, reject } = Promise.withResolvers<Payload>();
      socket.once('connected', resolve);
      socket.once('connect_error', (error: Error & { data?: WireError }) => {
        socket.close();
        reject(error.data ? new ConnectRefused(error.data) : error);
      });
      socket.connect();
      return withDeadline(promise, { what: 'the Socket.IO connection' });
    },
    async call(event, input, meta) {
      const frame = meta === undefined ? [input] : [input, meta];
      return socket.timeout(10_000).emitWithAck(event, ...frame);
    },
    emitRaw(event, ...rest) {
      socket.emit(String(event), ...rest);
    },
    async close() {
      const wasUp = socket.connected;
      socket.close();
      if (wasUp) await closed.promise;
    },
  } satisfies SocketClient & { socket: Socket };
  return client;
}

/** `url` is the server's; the protocol and `/ws` are added. */
export function plainClient(url: string, { token, auth, headers }: SocketOptions = {}) {
  const events = new EventLog();
  const closed = Promise.withResolvers<Closed>();
  const connected = Promise.withResolvers<Payload>();
  const waiting = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>();
  let ids = 0;
  const address = new URL('/ws', url);
  address.protocol = address.protocol.replace('http', 'ws');
  let socket: WebSocket | undefined;
  const open = () => {
    if (!socket) throw new Error('not connected');
    return socket;
  };

  function receive(text: string): void {
    const [name, ...rest] = JSON.parse(text);
    if (name === 'ack') {
      waiting.get(rest[0])?.resolve(rest[1]);
      waiting.delete(rest[0]);
      return;
    }
    events.record(name, rest[0]);
    if (name === 'connected') connected.resolve(rest[0]);
    if (name === 'connect_error') {
      connected.reject(new ConnectRefused(rest[0]));
      socket?.close();
    }
  }

  const client = {
    transport: 'websocket',
    events,
    closed: closed.promise,
    /** The connection underneath, to stall (`pause`), cut (`terminate`) or feed with frames that are none. */
    get socket() {
      return open();
    },
    async connect() {
      const opening = new WebSocket(address, { ...(headers && { headers }) });
      socket = opening;
      opening.on('message', (data) => receive((data as Buffer).toString('utf8')));
      opening.on('error', connected.reject);
      opening.on('open', () => client.emitRaw('connect', { ...(token !== undefined && { token }), ...auth }));
      opening.on('close', (code, reason) => {
        const why = { code, reason: events.of('closing').at(-1)?.reason ?? String(reason) };
        const error = new Error(`the connection ended: ${code} ${why.reason}`);
        closed.resolve(why);
        connected.reject(error);
        for (const { reject } of waiting.values()) reject(error);
        waiting.clear();
      });
      return withDeadline(connected.promise, { what: 'the WebSocket connection' });
    },
    async call(event, input, meta) {
      ids += 1;
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      waiting.set(ids, { resolve, reject });
      client.emitRaw(event, input, ids, ...(meta === undefined ? [] : [meta]));
      return withDeadline(promise, { what: `the acknowledgement of ${event}` });
    },
    emitRaw(...frame) {
      open().send(JSON.stringify(frame));
    },
    async close() {
      if (!socket || socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await closed.promise;
    },
  } satisfies SocketClient & { socket: WebSocket };
  return client;
}
