import type { EventBus } from '@coucou/application/ports/event-bus';
import type { HeadReader } from '@coucou/application/ports/head-reader';
import { batches, type Comparison } from './heads.ts';
import type { Room, Rooms } from './rooms.ts';

export type MembershipPollOptions = Readonly<{
  rooms: Rooms;
  reader: Pick<HeadReader, 'ofConversations'>;
  bus: Pick<EventBus, 'isWhole'>;
  /** Reloads who of a room is still a member, of that access version at least. */
  reload: (room: Room, accessVersion: number) => Promise<void>;
}>;

/**
 * While events of other nodes do not arrive, asks the database whose access changed, and reloads those rooms: somebody removed at another
 * node hears nothing of typing, receipts and presence any more, which carry no access version (D7).
 */
export function createMembershipPoll({ rooms, reader, bus, reload }: MembershipPollOptions): Comparison {
  return async (stopping) => {
    if (bus.isWhole()) return;
    for (const [account, some] of batches(rooms.all())) {
      const ids = some.map((room) => room.conversationId);
      const heads = new Map((await reader.ofConversations(account, ids)).map((head) => [head.id, head]));
      for (const room of some) {
        if (stopping.aborted) return;
        // A conversation that was deleted has no head.
        const accessVersion = heads.get(room.conversationId)?.accessVersion ?? room.accessVersion + 1;
        if (accessVersion > room.accessVersion) await reload(room, accessVersion);
      }
    }
  };
}
