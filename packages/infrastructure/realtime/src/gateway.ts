import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Schedule } from '@coucou/application/ports/schedules';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { limits as ceilings } from '@coucou/domain/kernel/limits';
import { Server, type Socket } from 'socket.io';
import { Encoder } from 'socket.io-parser';
import { Authentication, refusal } from './authentication.ts';
import { createDispatch } from './calls.ts';
import { createClientOf, createIsProxy } from './client-address.ts';
import { closeSocket, connectionOf } from './connection.ts';
import { sendAway } from './connections.ts';
import { endOf } from './connection-end.ts';
import { closeEnded } from './ended-sessions.ts';
import { shapeEngineErrors } from './engine-errors.ts';
import type { EngineConnection } from './engine-link.ts';
import { createEngineRequests } from './engine-requests.ts';
import { createEnrol } from './enrolment.ts';
import { FanOut } from './fan-out.ts';
import type { CloseOptions, Gateway, GatewayOptions } from './gateway-options.ts';
import { createHeads, createUnfollowedHeads } from './heads.ts';
import { InFlight } from './in-flight.ts';
import { Links } from './links.ts';
import { corsFor, isOriginAllowed } from './origin.ts';
import { noteConnected, PacketDecoder } from './packets.ts';
import { PlainEngine } from './plain.ts';
import { createErrorAnswer, toText } from './raw-answer.ts';
import { SocketLimits } from './socket-limits.ts';
import { socketsByTransport, transportOf } from './sockets-by-transport.ts';
import { Strangers } from './strangers.ts';
import { SOCKET_IO_PATH, Upgrades } from './upgrades.ts';
import { GuardedServer } from './web-socket.ts';

const LONGEST_SWEEP_MS = 1_000;

const noLimits = { socketEvents: undefined, connections: undefined, handshakes: undefined, unauthenticated: undefined };
const unlimited = { server: noLimits, accounts: { of: () => noLimits }, refusal: () => errors.RATE_LIMITED() };

/** Real time: Socket.IO and plain WebSocket on one server, one set of rooms and one way to call. */
export function createGateway(options: GatewayOptions): Gateway {
  const { http, tokens, currentMembers, ids, errorBody, metrics, log, maxPayload, authenticateTimeoutMs, origins, schedules } = options;
  const inFlight = new InFlight();
  const { rooms, sockets } = options.connections;
  let isOpen = true;

  const { checks } = options;
  const { limits = unlimited } = options;
  const refusedConnections = metrics.counter(catalogue.limitsRefused, { policy: 'connections' });
  const socketLimits = new SocketLimits({ ...limits, refusedConnections }, rooms, (socket) => links.closeFlooding(socket));
  const enrol = createEnrol({
    limits: socketLimits,
    rooms,
    currentMembers,
    inFlight,
    log,
    checks,
    presence: options.presence,
    activity: options.activity,
    mostFollowed: options.mostFollowed,
  });
  const clientOf = createClientOf(options.trustProxy);
  const answer = createErrorAnswer(options);
  const strangers = new Strangers({
    rules: limits.server,
    refusal: limits.refusal,
    refused: metrics.counter(catalogue.limitsRefused, { policy: 'unauthenticated' }),
    clientOf,
    isProxy: createIsProxy(options.trustProxy),
    answer: (error) => toText(answer(error, '')),
  });
  /** Engine.IO has no way to say more than that a handshake was refused. */
  const refusals = new WeakMap<IncomingMessage, ChatError>();
  const { accounts } = options;
  const mostBuffered = options.mostBuffered ?? ceilings.outgoingBuffer.default;
  const deliveredOver = (transport: string) => metrics.counter(catalogue.eventsDelivered, { transport });
  const links = new Links({
    mostBuffered,
    mostPayload: options.mostPayload ?? ceilings.payload.max,
    mostOfNetwork: limits.server.connections?.ofNetwork,
    refusedConnections,
    strangers,
    clientOf,
    authenticateTimeoutMs,
    delivered: deliveredOver('socket.io'),
    log,
  });
  const authentication = new Authentication({
    tokens,
    accounts,
    ids,
    errorBody,
    timeoutMs: authenticateTimeoutMs,
    checks,
    isOpen: () => isOpen,
    clientOf,
    limits: socketLimits,
    signedIn: (socket) => links.signedIn(socket),
    enrol,
  });
  const { dispatch, drop } = createDispatch({
    operations: options.operations,
    execute: options.execute,
    authenticate: (socket, input) => authentication.authenticate(socket, input),
    ids,
    errorBody,
    pause: (socket) => links.pause(socket),
    resume: (socket) => links.resume(socket),
    isOverflown: (socket) => links.isOverflown(socket),
    takeEvent: (socket) => socketLimits.takeEvent(socket),
    inFlight,
    metrics,
    log,
  });

  const io = new Server({
    path: SOCKET_IO_PATH,
    transports: options.transports,
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    destroyUpgrade: false,
    cookie: false,
    maxHttpBufferSize: maxPayload,
    pingInterval: 25_000,
    pingTimeout: 20_000,
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
      const refused = isOriginAllowed(origins, request) ? strangers.takeHandshake(request) : errors.ORIGIN_REFUSED();
      if (refused !== undefined) refusals.set(request, refused);
      decide(undefined, refused === undefined);
    },
  });
  const namespace = io.of('/');

  const hasWebSocket = options.transports.includes('websocket');
  const upgrades = new Upgrades(http.server, (url) => hasWebSocket && url.startsWith(`${SOCKET_IO_PATH}/`));
  const plain = new PlainEngine({
    http,
    upgrades,
    ids,
    errorBody,
    origins,
    isOpen: () => isOpen,
    takeHandshake: (request) => strangers.takeHandshake(request),
    connection: { ...links.options, delivered: deliveredOver('websocket'), maxPayload },
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

  // All others, so that they are refused in the shape of all errors.
  io.of((_name, _auth, next) => next(null, true)).use((_socket, next) => next(refusal(errors.NOT_FOUND(), options)));
  namespace.use((socket, next) => void authentication.admit(socket, next));
  namespace.on('connection', (socket) => {
    sockets.set(socket.id, socket);
    socket.onAny(dispatch);
    socket.on('disconnect', forget);
    links.joined(socket);
    noteConnected(socket.handshake.auth);
    release(socket);
    void welcome(socket);
  });

  function forget(this: Socket, reason: string): void {
    const connection = connectionOf(this);
    const { person } = connection;
    connection.destroyed = true;
    if (person !== undefined) rooms.exit(person, this);
    drop(this);
    sockets.delete(this.id);
    options.presence.disconnected(this.id);
    connection.ended?.({ transport: transportOf(this), reason: endOf(connection, reason) });
    // It left the namespace but kept the connection, which serves nothing else.
    if (reason === 'client namespace disconnect') this.conn.close();
  }

  async function welcome(socket: Socket): Promise<void> {
    const { identity } = connectionOf(socket);
    try {
      await enrol(socket);
    } catch {
      return;
    }
    // Its handshake was under way when the server began to close.
    if (!isOpen) return closeSocket(socket, 'server_draining');
    const at = new Date().toISOString();
    socket.emit('connected', {
      at,
      protocol: 1,
      serverTime: at,
      epoch: options.epoch,
      socketId: socket.id,
      ...(identity && { userId: identity.actor.userId }),
    });
  }

  const sent = metrics.counter(catalogue.eventsAnnounced, {});
  const fanOut = new FanOut({
    rooms,
    currentMembers,
    emit(keys, event, payload, { except, lossy } = { except: [], lossy: false }) {
      sent.add();
      (lossy ? io.volatile.to(keys) : io.to(keys)).except([...except]).emit(event, payload);
    },
    inFlight,
    log,
  });

  const unsubscribes = [
    options.bus.subscribe((announced) => fanOut.deliver(announced)),
    checks.onEnded((ended) => closeEnded(options.connections, ended)),
  ];

  function compareHeads({ reader, everyMs, graceMs }: NonNullable<GatewayOptions['heads']>): Schedule[] {
    const spreadMs = everyMs / 6;
    const announce = { toRoom: fanOut.headToRoom.bind(fanOut), toPerson: fanOut.headToPerson.bind(fanOut) };
    const followed = createHeads({ rooms, reader, announce, spreadMs, ...(graceMs !== undefined && { graceMs }) });
    const unfollowed = createUnfollowedHeads({ rooms, reader, announce: fanOut.unfollowedHeads.bind(fanOut), spreadMs });
    return [schedules.every(everyMs, 'heads', followed), schedules.every(2 * everyMs, 'unfollowed heads', unfollowed)];
  }
  const comparisons = options.heads === undefined ? [] : compareHeads(options.heads);
  unsubscribes.push(options.bus.onRecovered(() => comparisons.forEach((comparison) => comparison.run())));

  // One timer for deadlines, heartbeats of plain connections, and stuck closes.
  const sweep = setInterval(
    () => {
      const now = Date.now();
      plain.beat(now);
      links.sweep(now);
    },
    Math.min(LONGEST_SWEEP_MS, authenticateTimeoutMs / 2),
  );
  sweep.unref();

  metrics.gauge(catalogue.sockets, () => socketsByTransport(namespace.sockets.values()));
  metrics.gauge(catalogue.strangers, () => [{ labels: {}, value: strangers.size }]);
  metrics.gauge(catalogue.people, () => [{ labels: {}, value: rooms.size.people }]);

  async function close({ timeoutMs = 2_000, retryAfterMs }: CloseOptions = {}): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await Promise.race([inFlight.settled(), pause(timeoutMs, undefined, { ref: false })]);
    await Promise.all(comparisons.map((comparison) => comparison.stop()));
    for (const unsubscribe of unsubscribes) unsubscribe();
    fanOut.stop();
    clearInterval(sweep);
    sendAway(options.connections, retryAfterMs);
    plain.close();
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline && (upgrades.open > 0 || io.engine.clientsCount > 0)) await pause(10);
    io.engine.close();
    upgrades.destroyAll();
  }

  return {
    settled: () => inFlight.settled(),
    close,
    stats: () => ({
      sockets: namespace.sockets.size,
      plain: plain.size,
      upgraded: upgrades.open,
      connections: links.size,
      ...rooms.size,
      waitingRooms: fanOut.waiting,
    }),
  };
}

/** Releases the handshake's request, which the libraries would keep as long as the connection; address and agent are copied. */
function release(socket: Socket): void {
  (socket.conn as { request: unknown }).request = undefined;
  Object.assign(socket.handshake, { headers: {}, query: {}, auth: {}, url: '' });
}
