import { setTimeout as pause } from 'node:timers/promises';
import type { ConversationHead, HeadReader } from '@coucou/application/ports/head-reader';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Person, Room, Rooms } from './rooms.ts';

export type HeadsOptions = Readonly<{
  rooms: Rooms;
  reader: HeadReader;
  announce: Readonly<{ toRoom: (room: Room, head: ConversationHead) => void; toPerson: (person: Person, userVersion: number) => void }>;
  /** What was committed a moment ago is about to be told. */
  graceMs?: number;
}>;

/** Named in one query. */
const AT_ONCE = 500;

const isBehind = ({ told }: Room, head: ConversationHead): boolean =>
  told.version < head.version || told.receiptsVersion < head.receiptsVersion;

/**
 * Compares what this node told with what the database has, and names the difference to those concerned, who ask sync for it: so even the
 * last event before a silence is noticed when it was lost. What was announced counts as told.
 */
export function createHeads({ rooms, reader, announce, graceMs = 1_000 }: HeadsOptions): () => Promise<void> {
  return async () => {
    const lateRooms: { room: Room; head: ConversationHead }[] = [];
    for (const [account, some] of batches(rooms.all())) {
      const heads = new Map(
        (
          await reader.ofConversations(
            account,
            some.map((room) => room.conversationId),
          )
        ).map((head) => [head.id, head]),
      );
      for (const room of some) {
        const head = heads.get(room.conversationId);
        if (head !== undefined && isBehind(room, head)) lateRooms.push({ room, head });
      }
    }
    const latePeople: { person: Person; userVersion: number }[] = [];
    for (const [account, some] of batches(rooms.everyone())) {
      const heads = new Map(
        (
          await reader.ofUsers(
            account,
            some.map((person) => person.userId),
          )
        ).map((head) => [head.id, head.userVersion]),
      );
      for (const person of some) {
        const userVersion = heads.get(person.userId);
        if (userVersion !== undefined && person.told.userVersion < userVersion) latePeople.push({ person, userVersion });
      }
    }
    if (lateRooms.length === 0 && latePeople.length === 0) return;
    await pause(graceMs, undefined, { ref: false });
    for (const { room, head } of lateRooms) if (isBehind(room, head)) announce.toRoom(room, head);
    for (const { person, userVersion } of latePeople) if (person.told.userVersion < userVersion) announce.toPerson(person, userVersion);
  };
}

/** By account, since each is asked for by itself, and at most so many at once. */
function* batches<T extends Readonly<{ account: AccountId }>>(items: Iterable<T>): Generator<readonly [AccountId, T[]]> {
  const byAccount = new Map<AccountId, T[]>();
  for (const item of items) {
    const some = byAccount.get(item.account);
    if (some === undefined) byAccount.set(item.account, [item]);
    else some.push(item);
  }
  for (const [account, all] of byAccount) for (let at = 0; at < all.length; at += AT_ONCE) yield [account, all.slice(at, at + AT_ONCE)];
}
