import type { Socket } from 'socket.io';
import { connectionOf } from './connection.ts';

/** What every log line about a socket says of it. */
export function socketFields(socket: Socket): Readonly<Record<string, string>> {
  const { client, identity } = connectionOf(socket);
  return {
    socketId: socket.id,
    ...(identity !== undefined && {
      accountId: identity.account,
      userId: identity.actor.userId,
      sessionId: identity.actor.sessionId,
    }),
    ip: client.ip,
  };
}
