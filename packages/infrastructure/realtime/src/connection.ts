import type { Call } from '@coucou/application/kernel/call';
import type { EndConnection } from '@coucou/application/ports/activity-log';
import type { AccessClaims } from '@coucou/application/ports/tokens';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Socket } from 'socket.io';
import { type CloseReason, closeCodes } from './close-codes.ts';
import { PlainConnection } from './plain-connection.ts';
import type { Person } from './rooms.ts';

/** A call that waits until others of its socket are answered. */
export type WaitingCall = Readonly<{ name: string; args: readonly unknown[]; ack: ((result: object) => void) | undefined }>;

/** What the gateway knows of one socket. */
export type Connection = {
  readonly client: Call['client'];
  /** The account of the client key that the handshake named; absent when it named none. */
  readonly namedAccount: AccountId | undefined;
  /** Whether the socket is gone. */
  destroyed: boolean;
  readonly calls: {
    running: number;
    readonly waiting: WaitingCall[];
    /** Set once it is sent elsewhere: runs after the last answer, and nothing more begins. */
    whenAnswered: (() => void) | undefined;
  };
  /** Absent until authenticated. */
  identity: Pick<AccessClaims, 'account' | 'actor'> | undefined;
  /** In milliseconds; a socket that has not (re)authenticated by then is closed. */
  deadline: number;
  /** Set once the socket has entered its user's room. */
  person: Person | undefined;
  /** Why the server is closing it. */
  closing: CloseReason | undefined;
  /** Ends its entry in the connection log; absent until authenticated. */
  ended: EndConnection | undefined;
};

export const connectionOf = (socket: Socket): Connection => socket.data as Connection;

/** What a connection is before anything was called on it. */
export const freshConnection = ({
  client,
  namedAccount,
  identity,
  deadline,
}: Pick<Connection, 'client' | 'namedAccount' | 'identity' | 'deadline'>): Connection => ({
  client,
  namedAccount,
  destroyed: false,
  calls: { running: 0, waiting: [], whenAnswered: undefined },
  identity,
  deadline,
  person: undefined,
  closing: undefined,
  ended: undefined,
});

/** Sends the reason, then closes after flushing. */
export function closeSocket(socket: Socket, reason: CloseReason, retryAfterMs?: number): void {
  socket.emit('closing', { at: new Date().toISOString(), reason, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  connectionOf(socket).closing ??= reason;
  const plain: unknown = socket.conn;
  if (plain instanceof PlainConnection) plain.closeCode = closeCodes[reason];
  socket.disconnect(true);
}
