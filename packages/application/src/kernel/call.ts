import { errors } from '@coucou/domain/kernel/errors';
import type { SignFile } from '../ports/file-urls.ts';
import type { Proof } from '../ports/proofs.ts';
import type { Quota } from '../ports/traffic-limiter.ts';
import type { AccountId, ApiKeyId, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { AccountRole } from '@coucou/domain/users/user';

/** Who acts: always from a verified token, never from the request's input. */
export type Actor = Readonly<{
  userId: UserId;
  sessionId: SessionId;
  /** Their account wants their mailbox proven first: they do nothing but what concerns their own sign-in. */
  isUnproven?: true;
}>;

/** Who calls without being a person: a program of the account, by an API key; or the operator, by the system key. */
export type Program = Readonly<{ by: 'apiKey'; id: ApiKeyId; scopes: readonly string[] }> | Readonly<{ by: 'operator' }>;

/** By what right somebody administers. */
export type Authority = Program | Readonly<{ by: 'person'; userId: UserId; role: Extract<AccountRole, 'owner' | 'admin'> }>;

/** The circumstances of one call of an operation. */
export type Call = Readonly<{
  requestId: string;
  account: AccountId;
  /** The account that the caller named, by client key or token; absent when none was, and `account` is the default one. */
  namedAccount?: AccountId;
  client: Readonly<{ ip: string; userAgent: string }>;
  actor?: Actor;
  /** Never beside an actor. */
  program?: Program;
  /** Of calls of administration; decided by `authorize`. */
  authority?: Authority;
  /** The refresh token of the cookie, where the operation takes it and the input holds none; checked against forgery. */
  refreshCookie?: string;
  /** That the caller holds a key; verified for this call, and still to be claimed. */
  proof?: Proof;
  /** A secret that the browser keeps in a cookie: what it began is known by it, without a session. Absent elsewhere. */
  browser?: string;
  /** The socket of the call; absent over HTTP. */
  socketId?: string;
  /** The checked input as the caller sent it, where a hook stands before the operation and may have made something else of it. */
  sent?: unknown;
  /** Told how the budgets stand that the call took from, where the transport shows them. */
  noteQuota?: (quota: Quota) => void;
  /** By which the caller may make this call again without a second effect, as it was sent; absent where the operation takes none. */
  idempotencyKey?: string;
  /** The placeholder of signed URLs in an answer that is stored for its idempotency key (`Keyed`); absent elsewhere. */
  placeholders?: SignFile;
  /** Whether the caller holds the answer with this entity tag (`If-None-Match`); absent where none is named. */
  holds?: (etag: string) => boolean;
  /** The connection of the call: what has not begun when it is destroyed need not begin. */
  connection?: Readonly<{ destroyed: boolean }>;
}>;

export type UserCall = Call & Readonly<{ actor: Actor }>;

export type AdminCall = Call & Readonly<{ authority: Authority }>;

/** Who may call an operation; the contracts say the same. */
export type Access = 'public' | 'user' | 'admin' | 'system';

/** The call of an operation with this access. */
export type CallOf<A extends Access> = A extends 'public' ? Call : A extends 'user' ? UserCall : AdminCall;

/**
 * For public operations that find their account by a secret in the input: a caller who named another account is refused, however good
 * the secret.
 */
export function requireNamedAccount({ namedAccount }: Call, account: AccountId): void {
  if (namedAccount !== undefined && namedAccount !== account) throw errors.FORBIDDEN({ reason: 'account' });
}

/** For operations about the connection itself. */
export function socketOf({ socketId }: Call): string {
  if (socketId === undefined) throw errors.OPERATION_UNKNOWN({ reason: 'sockets only' });
  return socketId;
}
