import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '@coucou/application/kernel/network-of';
import { createTokenBuckets } from '@coucou/application/kernel/token-buckets';
import type { Counter } from '@coucou/application/ports/metrics';
import type { TrafficRules } from '@coucou/application/ports/traffic-rules';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { OpenConnections } from './open-connections.ts';
import { endWithAnswer } from './raw-answer.ts';
import type { SocketLimitsOptions } from './socket-limits.ts';

export type StrangersOptions = Readonly<{
  /** Handshakes of one network, and connections that have not signed in. */
  rules: Pick<TrafficRules, 'handshakes' | 'unauthenticated'>;
  refusal: SocketLimitsOptions['refusal'];
  /** Counts what was refused since there are as many already. */
  refused: Counter;
  clientOf: (request: Pick<IncomingMessage, 'socket' | 'headers'>) => Readonly<{ ip: string }>;
  /** Of one of our own proxies, through which many networks come. */
  isProxy: (address: string) => boolean;
  /** The answer on a socket whose request was never read: status line, headers and body. */
  answer: (error: ChatError) => string;
}>;

/** When one more may be tried: those who do not sign in are closed by then. */
const RETRY_SECONDS = 10;

/**
 * What nobody has signed in to yet, and so no person answers for: TCP connections that have not sent a request or wait for another, handshakes, and connections
 * without a signed-in socket. Each is bounded on this node and of each network, since each costs memory for as long as its timeout lasts.
 */
export class Strangers {
  readonly #options: StrangersOptions;
  readonly #buckets = createTokenBuckets({ now: () => performance.now() });
  /** Connections of TCP before their first request. */
  readonly #silent: OpenConnections<Socket>;
  /** Those that are kept after it, for the next one. */
  readonly #kept: OpenConnections<Socket>;
  readonly #waiting: OpenConnections<object>;

  constructor(options: StrangersOptions) {
    this.#options = options;
    this.#silent = new OpenConnections(options.rules.unauthenticated);
    this.#kept = new OpenConnections({ ofNetwork: options.rules.unauthenticated?.ofNetwork });
    this.#waiting = new OpenConnections(options.rules.unauthenticated);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Bounds the TCP connections of a server: of those that have not sent a request a client that sends its headers slowly holds one; and of those
   * that wait for another, which costs it one request more. A further one of those is answered, and closed: that harms nobody.
   */
  guard(server: Server): void {
    const [silent, kept] = [this.#silent, this.#kept];
    const { isProxy, clientOf } = this.#options;
    const peerOf = (socket: Socket): string => clientOf({ socket, headers: {} }).ip;
    function leave(this: Socket): void {
      silent.leave(this);
      kept.leave(this);
    }
    server.on('connection', (socket: Socket) => {
      const ip = peerOf(socket);
      if (isProxy(ip)) return;
      // Not `once`, which keeps a wrapper for each socket.
      socket.on('close', leave);
      if (silent.enter(socket, ip)) return;
      endWithAnswer(this.#options.answer(this.#tooMany(silent.obstacle(ip))), socket);
    });
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      silent.leave(socket);
      const ip = peerOf(socket);
      if (!socket.destroyed && !isProxy(ip) && !kept.has(socket) && !kept.enter(socket, ip)) response.shouldKeepAlive = false;
    });
    server.prependListener('upgrade', ({ socket }: IncomingMessage) => leave.call(socket));
  }

  /** Takes a handshake, on which a connection follows; answers why it may not go on. */
  takeHandshake(request: IncomingMessage): ChatError | undefined {
    const { rules, clientOf, refusal } = this.#options;
    const { ip } = clientOf(request);
    if (rules.handshakes !== undefined) {
      const quota = this.#buckets.take(this.#buckets.of(rules.handshakes, networkOf(ip)));
      if (!quota.isAllowed) return refusal(quota);
    }
    const obstacle = this.#waiting.obstacle(ip);
    return obstacle && this.#tooMany(obstacle);
  }

  /** A connection that nobody has signed in to; false where there are as many, since others came in after its handshake. */
  enter(conn: object, ip: string): boolean {
    if (this.#waiting.enter(conn, ip)) return true;
    this.#options.refused.add();
    return false;
  }

  /** It is signed in, or gone. */
  leave(conn: object): void {
    this.#waiting.leave(conn);
  }

  #tooMany(obstacle: 'node' | 'network' | undefined): ChatError {
    const { rules, refused } = this.#options;
    refused.add();
    // Not by what the caller did: many networks together.
    if (obstacle === 'node') return errors.OVERLOADED({ reason: 'unauthenticated', retryAfterSeconds: RETRY_SECONDS });
    const limit = rules.unauthenticated?.ofNetwork;
    return errors.RATE_LIMITED({ policy: 'unauthenticated', limit, retryAfterSeconds: RETRY_SECONDS });
  }
}
