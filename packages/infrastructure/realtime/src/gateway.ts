import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { errors } from '@coucou/domain/kernel/errors';
import { limits as ceilings } from '@coucou/domain/kernel/limits';
import type { Socket } from 'socket.io';
import { Admission } from './admission.ts';
import { Authentication } from './authentication.ts';
import { createDispatch } from './calls.ts';
import { createClientOf, createIsProxy } from './client-address.ts';
import { broadcast } from './broadcast.ts';
import { beginComparisons } from './comparisons.ts';
import { closeSocket, connectionOf } from './connection.ts';
import { endOf } from './connection-end.ts';
import { closeEnded } from './ended-sessions.ts';
import { createEnrol } from './enrolment.ts';
import { FanOut } from './fan-out.ts';
import type { Gateway, GatewayOptions } from './gateway-options.ts';
import { gatherFollowings } from './followings.ts';
import { InFlight } from './in-flight.ts';
import { beginLife } from './lifecycle.ts';
import { Links } from './links.ts';
import { noteConnected } from './packets.ts';
import { createErrorAnswer, toText } from './raw-answer.ts';
import { SocketLimits } from './socket-limits.ts';
import { socketsByTransport, transportOf } from './sockets-by-transport.ts';
import { Strangers } from './strangers.ts';
import { createTransports } from './transports.ts';

/** Conversations followed live by one socket. */
const MOST_FOLLOWED = 1_000;

const HEARTBEAT = { intervalMs: 25_000, timeoutMs: 20_000 };

const noLimits = { socketEvents: undefined, connections: undefined, handshakes: undefined, unauthenticated: undefined };
const unlimited = { server: noLimits, accounts: { of: () => noLimits }, refusal: () => errors.RATE_LIMITED() };

/** Real time: Socket.IO and plain WebSocket on one server, one set of rooms and one way to call. */
export function createGateway(options: GatewayOptions): Gateway {
  const { tokens, currentMembers, ids, errorBody, metrics, log, authenticateTimeoutMs, schedules } = options;
  const inFlight = new InFlight();
  const { rooms, sockets } = options.connections;
  let isOpen = true;

  const { checks } = options;
  const { limits = unlimited } = options;
  const refusedConnections = metrics.counter(catalogue.limitsRefused, { policy: 'connections' });
  const socketLimits = new SocketLimits({ ...limits, refusedConnections }, rooms, (socket) => links.closeFlooding(socket));
  const { mostFollowed = MOST_FOLLOWED, heartbeat = HEARTBEAT } = options;
  const admission = new Admission({
    ...options.admission,
    refused: metrics.counter(catalogue.limitsRefused, { policy: 'admission' }),
  });
  const followings = gatherFollowings(currentMembers, mostFollowed);
  const enterRooms = createEnrol({
    limits: socketLimits,
    rooms,
    followings,
    inFlight,
    log,
    checks,
    presence: options.presence,
    activity: options.activity,
    mostFollowed,
  });
  const enrol = (socket: Socket) => admission.during(enterRooms(socket));
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
  const { accounts } = options;
  const mostBuffered = options.mostBuffered ?? ceilings.outgoingBuffer.default;
  const links = new Links({
    mostBuffered,
    mostPayload: options.mostPayload ?? ceilings.payload.max,
    mostOfNetwork: limits.server.connections?.ofNetwork,
    refusedConnections,
    strangers,
    clientOf,
    authenticateTimeoutMs,
    heartbeat,
    delivered: metrics.counter(catalogue.eventsDelivered, { transport: 'socket.io' }),
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

  const transports = createTransports({ ...options, links, strangers, admission, heartbeat });
  const { io, plain, upgrades } = transports;
  const namespace = io.of('/');
  namespace.use((socket, next) => void admission.during(authentication.admit(socket, next)));
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
    const end = endOf(connection, reason);
    metrics.counter(catalogue.socketsEnded, { reason: end }).add();
    connection.ended?.({ transport: transportOf(this), reason: end });
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
  // From 0, since there is an alert for it: a rate does not see a series begin.
  metrics.counter(catalogue.socketsEnded, { reason: 'slow_consumer' });
  const fanOut = new FanOut({
    rooms,
    currentMembers,
    emit(to, event, json, isLossy) {
      sent.add();
      broadcast(to, event, json, isLossy);
    },
    inFlight,
    lag: metrics.histogram(catalogue.deliveryLag, {}),
    log,
  });

  const unsubscribes = [
    options.bus.subscribe((announced) => fanOut.deliver(announced)),
    checks.onEnded((ended) => closeEnded(options.connections, ended)),
  ];

  const endComparisons =
    options.heads && beginComparisons({ heads: options.heads, bus: options.bus, schedules, rooms, fanOut, followings });

  metrics.gauge(catalogue.sockets, () => socketsByTransport(namespace.sockets.values()));
  metrics.gauge(catalogue.strangers, () => [{ labels: {}, value: strangers.size }]);
  metrics.gauge(catalogue.outgoingBuffer, () => links.buffered().map(([of, value]) => ({ labels: { of }, value })));
  metrics.gauge(catalogue.roomsHeld, () => [{ labels: {}, value: fanOut.waiting }]);
  metrics.gauge(catalogue.people, () => [{ labels: {}, value: rooms.size.people }]);

  const end = beginLife({
    connections: options.connections,
    links,
    transports,
    inFlight,
    authenticateTimeoutMs,
    shut() {
      isOpen = false;
      admission.shut();
    },
    async stop() {
      await endComparisons?.();
      for (const unsubscribe of unsubscribes) unsubscribe();
      fanOut.stop();
    },
  });

  return {
    settled: () => inFlight.settled(),
    close: async (how) => {
      if (isOpen) await end(how);
    },
    accept: (socket, request) => plain.accept(socket, request),
    stats: () => ({
      sockets: namespace.sockets.size,
      plain: plain.size,
      upgraded: upgrades.open,
      connections: links.size,
      ...rooms.size,
      waitingRooms: fanOut.waiting,
      handshakes: admission.waiting,
    }),
  };
}

/** What no socket needs of its own: the handshake is over, and acknowledgements are not asked of clients. */
const shared = { handshake: { headers: {}, query: {}, auth: {}, url: '' }, acks: new Map() };

/** Releases the handshake and its request, which the libraries would keep as long as the connection; address and agent are copied. */
function release(socket: Socket): void {
  (socket.conn as { request: unknown }).request = undefined;
  Object.assign(socket, shared);
}
