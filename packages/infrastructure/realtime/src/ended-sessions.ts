import type { AccessChange, SessionChecks } from '@coucou/application/ports/session-checks';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Socket } from 'socket.io';
import type { CloseReason } from './close-codes.ts';
import { closeSocket, connectionOf } from './connection.ts';
import type { Connections } from './connections.ts';

type Ended = Readonly<{ account: AccountId; change: Exclude<AccessChange, { is: 'restored' }> }>;

/** What the gateway needs of the node's knowledge of sessions. */
export type EndedSessions = Pick<SessionChecks, 'check'> & Readonly<{ onEnded: (listener: (ended: Ended) => void) => () => void }>;

/**
 * Closes the sockets of an access that ended. In the turn in which REST begins to be refused they leave all rooms, so that nothing committed
 * later reaches them, and may call nothing more; the connection ends after that turn, so that a socket that logged out by itself is
 * answered. Sockets that are about to enter check for themselves (`enrolment.ts`).
 */
export function closeEnded({ rooms, sockets }: Connections, { account, change }: Ended): void {
  const reason: CloseReason = change.is === 'suspended' ? 'suspended' : 'session_revoked';
  const ended = change.is === 'ended' ? new Set(change.sessionIds) : undefined;
  const { userId } = change;
  // A copy: they leave it one by one.
  const candidates: readonly unknown[] =
    userId === undefined ? [...sockets.values()] : [...(rooms.person(account, userId)?.followers ?? [])];
  for (const candidate of candidates) {
    const socket = candidate as Socket;
    const connection = connectionOf(socket);
    const { identity, person } = connection;
    if (identity?.account !== account || (ended !== undefined && !ended.has(identity.actor.sessionId))) continue;
    connection.identity = undefined;
    connection.person = undefined;
    if (person !== undefined) rooms.exit(person, socket);
    setImmediate(() => closeSocket(socket, reason));
  }
}
