import { createTokenBuckets } from '@coucou/application/kernel/token-buckets';
import type { CallLimits } from '@coucou/application/kernel/call-limits';
import type { Counter } from '@coucou/application/ports/metrics';
import type { TrafficRules } from '@coucou/application/ports/traffic-rules';
import type { TrafficRule } from '@coucou/application/ports/traffic-limiter';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { Socket } from 'socket.io';
import { connectionOf } from './connection.ts';
import type { Rooms } from './rooms.ts';

export type SocketLimitsOptions = Readonly<{
  /** For everybody who has not signed in, and for networks. */
  server: Pick<TrafficRules, 'socketEvents' | 'connections' | 'handshakes' | 'unauthenticated'>;
  /** For who has. */
  accounts: Readonly<{ of: (account: AccountId) => Pick<TrafficRules, 'socketEvents' | 'connections'> }>;
  refusal: CallLimits['refusal'];
  /** Counts connections that were one too many. */
  refusedConnections: Counter;
}>;

/** When one more connection may be tried: others end at their own time. */
const RETRY_SECONDS = 10;
/** Sockets that one person may open, by those that they may have: each brings a new budget of events. */
const OPENED = { times: 2, windowSeconds: 20 };

/** What sockets may send, and how many of them one person may have. A socket lives on one node, and so do its budgets. */
export class SocketLimits {
  readonly #options: SocketLimitsOptions;
  readonly #rooms: Pick<Rooms, 'person'>;
  readonly #flooded: (socket: Socket) => void;
  readonly #buckets = createTokenBuckets({ now: () => performance.now() });

  constructor(options: SocketLimitsOptions, rooms: Pick<Rooms, 'person'>, flooded: (socket: Socket) => void) {
    this.#options = options;
    this.#rooms = rooms;
    this.#flooded = flooded;
  }

  /** Takes one event. A socket that is refused as often as it is allowed to send does not listen, and is closed. */
  takeEvent(socket: Socket): ChatError | undefined {
    const { server, accounts, refusal } = this.#options;
    const { identity } = connectionOf(socket);
    const { socketEvents: events } = identity === undefined ? server : accounts.of(identity.account);
    if (events === undefined) return undefined;
    const quota = this.#take(events, socket);
    if (quota.isAllowed) return undefined;
    if (!this.#take({ ...events, name: 'refused-events' }, socket).isAllowed) this.#flooded(socket);
    return refusal(quota);
  }

  #mostOf(account: AccountId): number {
    return this.#options.accounts.of(account).connections?.ofUser ?? Infinity;
  }

  #take(rule: TrafficRule, { id }: Socket) {
    return this.#buckets.take(this.#buckets.of(rule, id));
  }

  /** Whether one more socket of this person fits; counts it as refused where it does not. */
  hasRoom(account: AccountId, userId: UserId): boolean {
    const most = this.#mostOf(account);
    if ((this.#rooms.person(account, userId)?.followers.length ?? 0) < most) return true;
    this.#options.refusedConnections.add();
    return false;
  }

  /** Of a socket that is signed in: throws `RATE_LIMITED` where the person has as many, or opens them too fast. */
  requireRoom(account: AccountId, userId: UserId): void {
    const most = this.#mostOf(account);
    if (!this.hasRoom(account, userId)) throw errors.RATE_LIMITED({ policy: 'connections', limit: most, retryAfterSeconds: RETRY_SECONDS });
    if (most === Infinity) return;
    const opened = { name: 'connections', rates: [{ limit: OPENED.times * most, windowSeconds: OPENED.windowSeconds }] } as const;
    const quota = this.#buckets.take(this.#buckets.of(opened, userId, account));
    if (!quota.isAllowed) throw this.#options.refusal(quota);
  }
}
