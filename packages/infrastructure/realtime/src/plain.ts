import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import websocket from '@fastify/websocket';
import type { Ids } from '@coucou/application/ports/ids';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { httpStatus, type MakeErrorBody, retryAfterSeconds } from '@coucou/application/kernel/error-body';
import { PlainConnection, type PlainOptions, type PlainSocket } from './plain-connection.ts';
import { PLAIN_PATH, type Upgrades } from './upgrades.ts';
import { guarded, type GuardedWebSocket } from './web-socket.ts';

export type PlainEngineOptions = Readonly<{
  http: FastifyInstance;
  upgrades: Upgrades;
  ids: Ids;
  errorBody: MakeErrorBody;
  /** Decides on a handshake: lets it go on, or says why not. */
  takeHandshake: (request: IncomingMessage, decide: (refused?: ChatError) => void) => void;
  connection: Omit<PlainOptions, 'errorBody'>;
}>;

/** Plain WebSockets at `/ws` as an engine that Socket.IO binds to: it emits `connection` with one more `PlainConnection`. */
export class PlainEngine extends EventEmitter {
  readonly #connections = new Set<PlainConnection>();
  readonly #options: PlainOptions;
  readonly #ids: Ids;

  constructor({ http, upgrades, ids, errorBody, takeHandshake, connection }: PlainEngineOptions) {
    super();
    const options: PlainOptions = { ...connection, errorBody: (error, path) => errorBody(error, path, ids.next(), new Date()) };
    this.#options = options;
    this.#ids = ids;

    void http.register(websocket, {
      // Our own emitter instead of the server: it emits only upgrades to /ws.
      options: { ...guarded, server: upgrades.plain as Server, maxPayload: connection.maxPayload, clientTracking: true },
      errorHandler: () => {},
    });
    const refuse = (reply: FastifyReply, error: ChatError) => {
      const seconds = retryAfterSeconds(error);
      if (seconds !== undefined) reply.header('retry-after', String(seconds));
      return reply.code(httpStatus[error.kind]).send(options.errorBody(error, PLAIN_PATH));
    };
    // Inside a plugin, so that the route is added after the plugin above has loaded.
    void http.register(async (scope) => {
      scope.route({
        method: 'GET',
        url: PLAIN_PATH,
        onRequest: async (request, reply) => {
          const refused = await new Promise<ChatError | undefined>((resolve) => takeHandshake(request.raw, resolve));
          if (refused !== undefined) return refuse(reply, refused);
        },
        // A request without an upgrade.
        handler: (_request, reply) => refuse(reply, errors.OPERATION_UNKNOWN()),
        wsHandler: (ws, request) => {
          // The plugin's listener keeps the request and the reply alive as long as the connection; the connection brings its own.
          const own = ws as GuardedWebSocket;
          own.noteErrorsOnly();
          this.accept(own, request.raw);
        },
      });
    });
  }

  /** Takes a WebSocket whose handshake is done. */
  accept(ws: PlainSocket, request: IncomingMessage): void {
    const plain = new PlainConnection(`plain-${this.#ids.next()}`, ws, request, this.#options);
    this.#connections.add(plain);
    ws.once('close', () => this.#connections.delete(plain));
    this.emit('connection', plain);
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Part of what Socket.IO expects of an engine. */
  close(): void {
    for (const connection of this.#connections) {
      if (connection.readyState !== 'open') continue;
      connection.announceClosing('server_draining');
      connection.close();
    }
  }
}
