import type { MakeErrorBody } from '@coucou/application/kernel/error-body';
import type { Execute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { ActivityLog } from '@coucou/application/ports/activity-log';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { CurrentMembers } from '@coucou/application/ports/current-members';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { HeadReader } from '@coucou/application/ports/head-reader';
import type { Ids } from '@coucou/application/ports/ids';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';
import type { PresenceRegistry } from '@coucou/application/ports/presence';
import type { Schedule } from '@coucou/application/ports/schedules';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AdmissionLimits } from './admission.ts';
import type { Connections } from './connections.ts';
import type { DrainOptions } from './drain.ts';
import type { EndedSessions } from './ended-sessions.ts';
import type { Comparison } from './heads.ts';
import type { Heartbeat } from './link.ts';
import type { PlainEngine } from './plain.ts';
import type { SocketLimitsOptions } from './socket-limits.ts';

export type GatewayOptions = Readonly<{
  /** Created and not ready yet; the gateway attaches to its server and adds `/ws` to its routes. */
  http: FastifyInstance;
  operations: readonly ReadyOperation<Operation>[];
  execute: Execute;
  tokens: AccessTokens;
  accounts: AccountDirectory;
  currentMembers: CurrentMembers;
  /** Receives every authenticated connection. */
  presence: Pick<PresenceRegistry, 'connected' | 'disconnected'>;
  /** Is told of every authenticated connection and of its end. */
  activity: Pick<ActivityLog, 'connected'>;
  /** Which sessions have ended. */
  checks: EndedSessions;
  ids: Ids;
  errorBody: MakeErrorBody;
  metrics: Metrics;
  log: Logger;
  /** How often delivered versions are compared with the database; half as often for unfollowed conversations. */
  heads?: Readonly<{ reader: HeadReader; everyMs: number; graceMs?: number }>;
  /** Conversations that a socket follows live; default 1,000. */
  mostFollowed?: number | undefined;
  /** Absent: sockets have no limits. */
  limits?: Omit<SocketLimitsOptions, 'refusedConnections'>;
  /** Default: every 25 s, for 20 s. */
  heartbeat?: Heartbeat;
  /** How fast handshakes are let in. */
  admission?: Partial<AdmissionLimits>;
  /** Changes when the database was restored from a back-up. */
  epoch: string;
  connections: Connections;
  /** Events of all nodes. */
  bus: Pick<EventBus, 'subscribe' | 'onRecovered' | 'isWhole'>;
  transports: ('polling' | 'websocket')[];
  origins: OriginPolicy;
  schedules: Readonly<{ every: (intervalMs: number, name: string, job: Comparison) => Schedule }>;
  /** Addresses and CIDR ranges of our own proxies. */
  trustProxy: readonly string[];
  /** Bytes of one message. */
  maxPayload: number;
  /** Bytes of one message that a signed-in client may send and is answered `PAYLOAD_TOO_LARGE`; default 1 MiB. */
  mostPayload?: number;
  authenticateTimeoutMs: number;
  /** How long the body of a polling request may take; default 30 s. */
  bodyMs?: number | undefined;
  /** Bytes that may be buffered for one client; default 1 MiB. */
  mostBuffered?: number;
}>;

/** How sockets are sent elsewhere, and how long calls that run then, and after them closing handshakes, may take. */
export type CloseOptions = Pick<DrainOptions, 'perSecond' | 'withinMs' | 'retryAfterMs'> & Readonly<{ timeoutMs?: number }>;

export type Gateway = Readonly<{
  /** When no call, no loading of rooms and no held event is under way. */
  settled: () => Promise<void>;
  /** Before the HTTP server is closed. */
  close: (options?: CloseOptions) => Promise<void>;
  /** Takes a plain WebSocket that did not come over HTTP; `request` says where it is from. */
  accept: PlainEngine['accept'];
  stats: () => GatewayStats;
}>;

export type GatewayStats = Readonly<{
  sockets: number;
  plain: number;
  /** WebSockets of any kind, as connections of TCP. */
  upgraded: number;
  /** Of any transport, with or without a socket, and those just ended. */
  connections: number;
  people: number;
  rooms: number;
  waitingRooms: number;
  /** That wait for their turn. */
  handshakes: number;
}>;
