import type { Watching } from '@coucou/application/ports/watching';
import { connectionOf } from './connection.ts';
import type { Connections } from './connections.ts';
import { watchRoom } from './rooms.ts';

/** Watchers are in separate Socket.IO rooms; `Rooms` removes those of a user who leaves a conversation. */
export function createWatching({ rooms, sockets }: Connections): Watching {
  return {
    watch(socketId, { conversationId, accessVersion }) {
      const socket = sockets.get(socketId);
      const person = socket && connectionOf(socket).person;
      if (socket === undefined || person === undefined) return;
      rooms.follow(person, conversationId, accessVersion);
      void socket.join(watchRoom(person.account, conversationId));
    },
    unwatch(socketId, account, conversationId) {
      void sockets.get(socketId)?.leave(watchRoom(account, conversationId));
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
