import type { ConversationHead, HeadReader } from '@coucou/application/ports/head-reader';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import type { Person, Room, Rooms } from './rooms.ts';
import { pause, spread } from './spread.ts';

export type HeadsOptions = Readonly<{
  rooms: Rooms;
  reader: HeadReader;
  announce: Readonly<{ toRoom: (room: Room, head: ConversationHead) => void; toPerson: (person: Person, userVersion: number) => void }>;
  /** Reloads who of a room is still a member, of that access version at least. */
  reload: (room: Room, accessVersion: number) => Promise<void>;
  /** Grace period: recent commits are still being announced. */
  graceMs?: number;
  /** Period over which the announcements of one comparison are spread. */
  spreadMs: () => number;
}>;

export type UnfollowedHeadsOptions = Pick<HeadsOptions, 'rooms' | 'reader' | 'spreadMs'> &
  Readonly<{ announce: (person: Person, heads: readonly ConversationHead[]) => void }>;

export type Comparison = (stopping: AbortSignal) => Promise<void>;

/** Maximum number per query and per event. */
const AT_ONCE = 500;

const isBehind = ({ told }: Room, head: ConversationHead): boolean =>
  told.version < head.version || told.receiptsVersion < head.receiptsVersion;

/**
 * Compares what this node delivered with the database, and sends the heads that differ, so that clients sync: even the
 * last event before a quiet period is noticed when it was lost. What was announced counts as told. Conversations that were deleted have no head:
 * their rooms are reloaded, which empties them.
 */
export function createHeads({ rooms, reader, announce, reload, graceMs = 1_000, spreadMs }: HeadsOptions): Comparison {
  return async (stopping) => {
    const deleted: Room[] = [];
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
        if (head === undefined) deleted.push(room);
        else if (isBehind(room, head)) lateRooms.push({ room, head });
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
    if (lateRooms.length === 0 && latePeople.length === 0 && deleted.length === 0) return;
    await pause(graceMs, stopping);
    const tellings = [
      ...lateRooms.map(({ room, head }) => () => {
        if (isBehind(room, head)) announce.toRoom(room, head);
      }),
      ...latePeople.map(({ person, userVersion }) => () => {
        if (person.told.userVersion < userVersion) announce.toPerson(person, userVersion);
      }),
    ];
    await spread(tellings, spreadMs(), stopping);
    for (const room of deleted) {
      if (stopping.aborted) return;
      if (room.members.size > 0) await reload(room, room.accessVersion + 1);
    }
  };
}

/**
 * Sends heads of unfollowed conversations to users who are in more than are followed live: each once, and again when it
 * changed. On connecting, clients sync by themselves.
 */
export function createUnfollowedHeads({ rooms, reader, announce, spreadMs }: UnfollowedHeadsOptions): Comparison {
  /** By user, while connected. */
  const told = new WeakMap<Person, ReadonlyMap<ConversationId, ConversationHead>>();

  async function news(person: Person): Promise<() => void> {
    const followed = new Set(Array.from(person.rooms, ({ conversationId }) => conversationId));
    const heads = (await reader.ofMember(person.account, person.userId)).filter(({ id }) => !followed.has(id));
    const before = told.get(person);
    const late = heads.filter(({ id, version, receiptsVersion }) => {
      const known = before?.get(id);
      return known === undefined || known.version < version || known.receiptsVersion < receiptsVersion;
    });
    return () => {
      if (person.followers.length === 0) return;
      told.set(person, new Map(heads.map((head) => [head.id, head])));
      for (let at = 0; at < late.length; at += AT_ONCE) announce(person, late.slice(at, at + AT_ONCE));
    };
  }

  return async (stopping) => {
    const tellings: (() => void)[] = [];
    for (const person of rooms.everyone()) if (!person.followsAll) tellings.push(await news(person));
    if (tellings.length > 0) await spread(tellings, spreadMs(), stopping);
  };
}

/** Batches per account, since each account is a separate query, of bounded size. */
export function* batches<T extends Readonly<{ account: AccountId }>>(items: Iterable<T>): Generator<readonly [AccountId, T[]]> {
  for (const [account, all] of Map.groupBy(items, (item) => item.account))
    for (let at = 0; at < all.length; at += AT_ONCE) yield [account, all.slice(at, at + AT_ONCE)];
}
