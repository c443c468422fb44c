import type { IncomingMessage } from 'node:http';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { Server } from 'socket.io';
import { Encoder } from 'socket.io-parser';
import type { Admission } from './admission.ts';
import { refusal } from './authentication.ts';
import { shapeEngineErrors } from './engine-errors.ts';
import type { EngineConnection } from './engine-link.ts';
import { createEngineRequests } from './engine-requests.ts';
import type { GatewayOptions } from './gateway-options.ts';
import type { Heartbeat } from './link.ts';
import type { Links } from './links.ts';
import { corsFor, isOriginAllowed } from './origin.ts';
import { PacketDecoder } from './packets.ts';
import { PlainEngine } from './plain.ts';
import type { Strangers } from './strangers.ts';
import { SOCKET_IO_PATH, Upgrades } from './upgrades.ts';
import { GuardedServer } from './web-socket.ts';

export type TransportsOptions = Pick<
  GatewayOptions,
  'http' | 'transports' | 'origins' | 'ids' | 'errorBody' | 'metrics' | 'maxPayload' | 'authenticateTimeoutMs' | 'bodyMs'
> &
  Readonly<{
    links: Links;
    strangers: Strangers;
    admission: Admission;
    heartbeat: Heartbeat;
  }>;

export type Transports = Readonly<{ io: Server; plain: PlainEngine; upgrades: Upgrades }>;

/**
 * Instead of Socket.IO's own rooms, which would keep two sets for each socket and every membership twice: `Rooms` knows who hears what, and
 * `broadcast` writes to the sockets.
 */
const roomless = { addAll() {}, del() {}, delAll() {} } satisfies Partial<ReturnType<Server['of']>['adapter']>;

/** What clients connect over, on one HTTP server: Socket.IO by its own engine, and plain WebSockets by one more. */
export function createTransports(options: TransportsOptions): Transports {
  const { http, ids, errorBody, metrics, maxPayload, authenticateTimeoutMs, origins, links, strangers, admission, heartbeat } = options;
  /** Engine.IO has no way to say more than that a handshake was refused. */
  const refusals = new WeakMap<IncomingMessage, ChatError>();

  /** Decides on a handshake of any transport, at once or when its turn has come. */
  function takeHandshake(request: IncomingMessage, decide: (refused?: ChatError) => void): void {
    const refused = isOriginAllowed(origins, request) ? strangers.takeHandshake(request) : errors.ORIGIN_REFUSED();
    if (refused === undefined) admission.take(request.socket, decide);
    else decide(refused);
  }

  const io = new Server({
    path: SOCKET_IO_PATH,
    transports: options.transports,
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    destroyUpgrade: false,
    cookie: false,
    maxHttpBufferSize: maxPayload,
    // Clients are told both; `links` acts by them.
    pingInterval: heartbeat.intervalMs,
    pingTimeout: heartbeat.timeoutMs,
    // `links` closes those who connect no socket, with a reason.
    connectTimeout: 2 * authenticateTimeoutMs,
    parser: {
      Encoder,
      Decoder: class extends PacketDecoder {
        constructor() {
          super(maxPayload);
        }
      },
    },
    wsEngine: GuardedServer,
    cleanupEmptyChildNamespaces: true,
    cors: corsFor(origins),
    allowRequest(request, decide) {
      takeHandshake(request, (refused) => {
        if (refused !== undefined) refusals.set(request, refused);
        decide(undefined, refused === undefined);
      });
    },
  });

  Object.assign(io.of('/').adapter, roomless);

  const hasWebSocket = options.transports.includes('websocket');
  const upgrades = new Upgrades(http.server, (url) => hasWebSocket && url.startsWith(`${SOCKET_IO_PATH}/`));
  const plain = new PlainEngine({
    http,
    upgrades,
    ids,
    errorBody,
    takeHandshake,
    connection: { ...links.options, delivered: metrics.counter(catalogue.eventsDelivered, { transport: 'websocket' }), maxPayload },
  });
  // Before the real engine: the one bound last is the one that the server counts and closes.
  io.bind(plain);
  io.attach(http.server);
  shapeEngineErrors(io.engine, { ids, errorBody, maxPayload, bodyMs: options.bodyMs, refusalOf: (request) => refusals.get(request) });
  strangers.guard(http.server);
  const sessions = () => (io.engine as unknown as { clients: Record<string, EngineConnection> }).clients;
  const refusedUpgrades = metrics.counter(catalogue.limitsRefused, { policy: 'handshakes' });
  const refuse = (request: IncomingMessage, error: ChatError) => {
    refusals.set(request, error);
    refusedUpgrades.add();
  };
  io.engine.use(createEngineRequests({ sessions, links, maxPayload, refuse }));
  plain.on('connection', (conn) => links.begin(conn));
  io.engine.on('connection', (conn) => links.begin(conn));

  // All other namespaces, so that they are refused in the shape of all errors.
  io.of((_name, _auth, next) => next(null, true)).use((_socket, next) => next(refusal(errors.NOT_FOUND(), options)));

  return { io, plain, upgrades };
}
