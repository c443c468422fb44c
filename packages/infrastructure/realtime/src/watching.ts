import type { Watching } from '@coucou/application/ports/watching';
import { connectionOf } from './connection.ts';
import type { Connections } from './connections.ts';

/** What the sockets watch; `Rooms` removes those of a user who leaves a conversation. */
export function createWatching({ rooms, sockets }: Connections): Watching {
  return {
    watch(socketId, following) {
      const socket = sockets.get(socketId);
      const person = socket && connectionOf(socket).person;
      if (socket === undefined || person === undefined) return;
      rooms.watch(person, socket, following);
    },
    unwatch(socketId, account, conversationId) {
      const socket = sockets.get(socketId);
      if (socket !== undefined) rooms.unwatch(account, socket, conversationId);
    },
    watchInbox(socketId, account) {
      const socket = sockets.get(socketId);
      // Without a person its session has ended, or it is gone: nobody would take it out again.
      if (socket !== undefined && connectionOf(socket).person !== undefined) rooms.watchInbox(account, socket);
    },
    unwatchInbox(socketId, account) {
      const socket = sockets.get(socketId);
      if (socket !== undefined) rooms.unwatchInbox(account, socket);
    },
  };
}
