import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId, SessionId, UserId } from '@coucou/domain/kernel/ids';

/** Who acts: always from a verified token, never from the request's input. */
export type Actor = Readonly<{ userId: UserId; sessionId: SessionId }>;

/** The circumstances of one call of an operation. */
export type Call = Readonly<{
  requestId: string;
  account: AccountId;
  client: Readonly<{ ip: string; userAgent: string }>;
  actor?: Actor;
  /** The socket of the call; absent over HTTP. */
  socketId?: string;
}>;

export type UserCall = Call & Readonly<{ actor: Actor }>;

/** The call of an operation with this access. */
export type CallOf<Access extends 'public' | 'user'> = Access extends 'public' ? Call : UserCall;

/** For operations about the connection itself. */
export function socketOf({ socketId }: Call): string {
  if (socketId === undefined) throw errors.OPERATION_UNKNOWN({ reason: 'sockets only' });
  return socketId;
}
