import type { Actor } from '@coucou/application/kernel/call';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { AccessTokens, Presentation } from '@coucou/application/ports/tokens';
import type { SessionChecks } from '@coucou/application/ports/session-checks';
import type { Ids } from '@coucou/application/ports/ids';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Socket } from 'socket.io';
import { asChatError, type MakeErrorBody } from '@coucou/application/kernel/error-body';
import { type Connection, connectionOf, freshConnection } from './connection.ts';
import { refusedIn } from './packets.ts';
import { PlainConnection } from './plain-connection.ts';
import type { SocketLimits } from './socket-limits.ts';
import { PLAIN_PATH, SOCKET_IO_PATH } from './upgrades.ts';

export type AuthenticationOptions = Readonly<{
  tokens: AccessTokens;
  accounts: AccountDirectory;
  ids: Ids;
  errorBody: MakeErrorBody;
  timeoutMs: number;
  /** False while the server is closing. */
  isOpen: () => boolean;
  checks: Pick<SessionChecks, 'check'>;
  clientOf: (request: Socket['request']) => Connection['client'];
  /** How many sockets a person may have. */
  limits: Pick<SocketLimits, 'requireRoom'>;
  /** For what a signed-in connection may do and others may not; before `enrol`. */
  signedIn: (socket: Socket) => void;
  /** Puts an authenticated socket into its user's rooms. */
  enrol: (socket: Socket) => Promise<void>;
}>;

type Next = (error?: Error & { data?: object }) => void;

const PROTOCOL = 1;

export class Authentication {
  /** Connections that have a socket already: a second CONNECT on one would be a second socket for the same token. */
  readonly #taken = new WeakSet<object>();
  readonly #options: AuthenticationOptions;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
  }

  /** Socket.IO middleware: refuses a handshake, or records its user. */
  async admit(socket: Socket, next: Next): Promise<void> {
    const { conn } = socket;
    const refused = refusedIn(socket.handshake.auth);
    if (refused !== undefined) return next(this.#refusal(refused));
    if (this.#taken.has(conn)) return next(this.#refusal(errors.CONFLICT()));
    this.#taken.add(conn);
    try {
      socket.data = await this.#handshake(socket);
      next();
    } catch (error) {
      this.#taken.delete(conn);
      next(this.#refusal(error));
    }
  }

  #refusal(thrown: unknown): Error {
    return refusal(thrown, this.#options);
  }

  async #handshake(socket: Socket): Promise<Connection> {
    const { handshake, request } = socket;
    const { tokens, timeoutMs, isOpen, clientOf } = this.#options;
    const client = clientOf(request);
    if (!isOpen()) throw errors.SERVICE_UNAVAILABLE();
    const { token: given, protocol, dpop } = handshake.auth;
    if (protocol != null && protocol !== PROTOCOL) throw errors.VALIDATION_FAILED({ supported: [PROTOCOL] });
    if (given != null && typeof given !== 'string') throw errors.UNAUTHENTICATED();
    if (dpop != null && typeof dpop !== 'string') throw errors.UNAUTHENTICATED({ field: 'dpop' });
    const inHeader = bearer(handshake.headers.authorization);
    const token = given ?? inHeader;
    const namedAccount = await this.#named(handshake.headers['x-client-key']);
    const connection = { client, namedAccount };
    if (token === undefined) return freshConnection({ ...connection, identity: undefined, deadline: Date.now() + timeoutMs });
    const { account, actor, expiresAt } = await tokens.verify(token, presentationOf(socket, dpop ?? undefined, client));
    requireNamed(connection, account);
    requireProven(actor);
    if (inHeader !== undefined && inHeader !== token) await this.#requireSame(inHeader, actor);
    this.#options.limits.requireRoom(account, actor.userId);
    return freshConnection({ ...connection, identity: { account, actor }, deadline: expiresAt.getTime() });
  }

  /** The account of a client key in the handshake's headers, if there is one: a token of another account contradicts it. */
  async #named(clientKey: string | string[] | undefined): Promise<AccountId | undefined> {
    if (clientKey === undefined) return undefined;
    const account = await this.#options.accounts.byClientKey(clientKey.toString());
    if (account === undefined) throw errors.UNAUTHENTICATED({ header: 'X-Client-Key' });
    return account;
  }

  /** Two tokens of two people contradict each other. One that is not valid any more, as a header that is set once may be, says nothing. */
  async #requireSame(token: string, actor: Actor): Promise<void> {
    const other = await this.#options.tokens.verify(token).catch(() => undefined);
    if (other !== undefined && other.actor.userId !== actor.userId) throw errors.FORBIDDEN({ header: 'Authorization' });
  }

  /** The `authenticate` event: signs a socket in, or extends it with a fresh token of the same person. */
  async authenticate(socket: Socket, input: unknown): Promise<object> {
    const connection = connectionOf(socket);
    const { token, dpop } = tokenOf(input);
    const { account, actor, expiresAt } = await this.#options.tokens.verify(token, presentationOf(socket, dpop, connection.client));
    const { identity } = connection;
    if (identity !== undefined && (identity.account !== account || identity.actor.userId !== actor.userId))
      throw errors.FORBIDDEN({ reason: 'this connection belongs to someone else' });
    requireNamed(connection, account);
    requireProven(actor);
    if (identity === undefined) this.#options.limits.requireRoom(account, actor.userId);
    // Again in this turn: until now a session of this token that ended would not have been sought among the sockets.
    this.#options.checks.check({ account, actor });
    connection.identity = { account, actor };
    connection.deadline = expiresAt.getTime();
    if (identity === undefined) {
      this.#options.signedIn(socket);
      await this.#options.enrol(socket);
    }
    const data = { userId: actor.userId, expiresAt: expiresAt.toISOString() };
    socket.emit('authenticated', { at: new Date().toISOString(), ...data });
    return data;
  }
}

function requireNamed({ namedAccount }: Pick<Connection, 'namedAccount'>, account: AccountId): void {
  if (namedAccount !== undefined && namedAccount !== account) throw errors.FORBIDDEN({ header: 'X-Client-Key' });
}

/** A connection gets events, which are for those who may act. */
function requireProven({ isUnproven }: Actor): void {
  if (isUnproven === true) throw authErrors.EMAIL_NOT_VERIFIED();
}

function bearer(header: string | undefined): string | undefined {
  const [scheme, token] = (header ?? '').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

type Given = Readonly<{ token: string; dpop: string | undefined }>;

function tokenOf(input: unknown): Given {
  const { token, dpop, ...rest } = input as Record<string, unknown>;
  const isGiven = typeof token === 'string' && (dpop === undefined || typeof dpop === 'string') && Object.keys(rest).length === 0;
  if (isGiven) return { token, dpop };
  throw errors.VALIDATION_FAILED([
    { path: ['token'], rule: 'invalid_type', message: 'Send {token}, or {token, dpop} for a bound session.' },
  ]);
}

/** A proof is made for opening the connection, whatever carries the token. */
const presentationOf = ({ conn }: Socket, proof: string | undefined, client: Connection['client']): Presentation => ({
  proof,
  client,
  method: 'GET',
  path: (conn as unknown) instanceof PlainConnection ? PLAIN_PATH : SOCKET_IO_PATH,
});

/** Socket.IO hands `data` of the error to the client's `connect_error`. */
export function refusal(thrown: unknown, { ids, errorBody }: Pick<AuthenticationOptions, 'ids' | 'errorBody'>): Error & { data: object } {
  const error = asChatError(thrown);
  return Object.assign(new Error(error.message), { data: errorBody(error, 'connect', ids.next(), new Date()) });
}
