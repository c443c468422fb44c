import { setTimeout as pause } from 'node:timers/promises';
import type { ActivityLog } from '@coucou/application/ports/activity-log';
import type { PresenceRegistry } from '@coucou/application/ports/presence';
import type { SessionChecks } from '@coucou/application/ports/session-checks';
import { asChatError } from '@coucou/application/kernel/error-body';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { Presence } from '@coucou/domain/presence/presence';
import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { CloseReason } from './close-codes.ts';
import { closeSocket, type Connection, connectionOf } from './connection.ts';
import type { LoadFollowings } from './followings.ts';
import type { InFlight } from './in-flight.ts';
import type { Rooms } from './rooms.ts';
import type { SocketLimits } from './socket-limits.ts';
import { socketFields } from './socket-fields.ts';
import { transportOf } from './sockets-by-transport.ts';

export type EnrolmentOptions = Readonly<{
  rooms: Rooms;
  followings: LoadFollowings;
  inFlight: InFlight;
  log: Logger;
  checks: Pick<SessionChecks, 'check'>;
  presence: Pick<PresenceRegistry, 'connected'>;
  activity: Pick<ActivityLog, 'connected'>;
  limits: Pick<SocketLimits, 'hasRoom'>;
  /** Conversations followed live by one socket. For the rest only heads are sent, less often. */
  mostFollowed: number;
}>;

/** Retries while the database is unavailable: about six seconds, then the client must reconnect. */
const DELAYS_MS = [100, 200, 500, 1_000, 2_000, 2_000];
const RETRY_AFTER_MS = 2_000;

/**
 * Puts a socket into its user's room, then into those of their conversations. In that order: what changes while the list is
 * loaded is announced to the user's room and followed from there, and a list older than such a change is detected by
 * its access version at the room's next event.
 */
export function createEnrol(options: EnrolmentOptions): (socket: Socket) => Promise<void> {
  const { rooms, followings: load, inFlight, log, checks, presence, limits, activity, mostFollowed } = options;

  /** Its access may have ended since its token was verified; from here on it is found among the person's sockets. */
  function endOf(identity: NonNullable<Connection['identity']>): CloseReason | undefined {
    try {
      checks.check(identity);
      return undefined;
    } catch (error) {
      return asChatError(error).code === authErrors.SESSION_REVOKED.code ? 'session_revoked' : 'suspended';
    }
  }

  async function enrol(socket: Socket): Promise<void> {
    const connection = connectionOf(socket);
    if (connection.identity === undefined || !socket.connected) return;
    const { account, actor } = connection.identity;
    const end = endOf(connection.identity);
    if (end !== undefined) return closeSocket(socket, end);
    // Others of theirs may have come in since it was asked for at the handshake.
    if (!limits.hasRoom(account, actor.userId)) return closeSocket(socket, 'rate_limited');
    const person = rooms.enter(account, actor.userId, socket);
    connection.person = person;
    const { userId, sessionId } = actor;
    connection.ended = activity.connected({ account, userId, sessionId, transport: transportOf(socket), ...connection.client });
    for (const delay of [0, ...DELAYS_MS]) {
      if (delay > 0) await pause(delay, undefined, { ref: false });
      if (!socket.connected) return;
      try {
        const followings = await load(account, actor.userId);
        person.followsAll &&= followings.length < mostFollowed;
        if (!socket.connected) return;
        rooms.admit(person, socket, followings);
        // Last, so that the first that a client hears is `connected`, and not of itself.
        presence.connected({ account, userId, sessionId, type: Presence.deviceTypeOf(connection.client.userAgent) }, socket.id);
        return;
      } catch (error) {
        log.warn({ err: loggableError(error), ...socketFields(socket) }, 'the conversations of a socket cannot be loaded');
      }
    }
    closeSocket(socket, 'server_draining', RETRY_AFTER_MS);
    throw errors.SERVICE_UNAVAILABLE();
  }

  return async (socket) => {
    inFlight.enter();
    try {
      await enrol(socket);
    } finally {
      inFlight.leave();
    }
  };
}
