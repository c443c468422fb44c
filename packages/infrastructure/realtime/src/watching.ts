import type { Watching } from '@coucou/application/ports/watching';
import type { Socket } from 'socket.io';
import { connectionOf } from './connection.ts';
import { type Rooms, watchRoom } from './rooms.ts';

export type WatchingOptions = Readonly<{ rooms: Rooms; socketOf: (id: string) => Socket | undefined }>;

/** What sockets look at are Socket.IO rooms of their own; those of a person who leaves a conversation are taken out by `Rooms`. */
export function createWatching({ rooms, socketOf }: WatchingOptions): Watching {
  return {
    watch(socketId, { conversationId, accessVersion }) {
      const socket = socketOf(socketId);
      const person = socket && connectionOf(socket).person;
      if (socket === undefined || person === undefined) return;
      rooms.follow(person, conversationId, accessVersion);
      void socket.join(watchRoom(person.account, conversationId));
    },
    unwatch(socketId, account, conversationId) {
      void socketOf(socketId)?.leave(watchRoom(account, conversationId));
    },
    watchInbox(socketId, account) {
      const socket = socketOf(socketId);
      if (socket !== undefined) rooms.watchInbox(account, socket);
    },
    unwatchInbox(socketId, account) {
      const socket = socketOf(socketId);
      if (socket !== undefined) rooms.unwatchInbox(account, socket);
    },
  };
}
