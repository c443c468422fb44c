import type { Following } from '@coucou/application/ports/current-members';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';

/** A socket, as far as rooms are concerned: what can be told something. */
export interface Follower {
  readonly conn: Readonly<{
    write: (packet: string, options: object) => unknown;
    transport: Readonly<{ writable: boolean }>;
  }>;
}

/**
 * The members of a conversation that are connected to this node. `members` holds, for each, an access version at which they are
 * known to have been a member; `accessVersion` is never above any of these. So everyone in the room was a member at or
 * after `accessVersion`, and an event of that version or an older one may be delivered to all of them.
 */
export type Room = {
  readonly account: AccountId;
  readonly conversationId: ConversationId;
  readonly members: Map<Person, number>;
  /** Sockets of members that watch the conversation: presence, profile changes, individual receipts, and typing in large groups. */
  watchers: Set<Follower> | undefined;
  /** The versions of the conversation at which members joined, as far as an event from before may come; `lastJoin` is the highest. */
  joined: Map<Person, number> | undefined;
  lastJoin: number;
  accessVersion: number;
  /** The versions delivered to the sockets of this node; 0 when unknown. */
  readonly told: { version: number; receiptsVersion: number };
};

/** `accessVersion` is one at which the person is known to be a member; the versions are those of a room that this opens, 0 when unknown. */
type Membership = Omit<Following, keyof Room['told']> & Partial<Room['told']>;

/** A connected person. All of their sockets are in the same rooms: membership belongs to the person. */
export type Person = {
  readonly account: AccountId;
  readonly userId: UserId;
  /** Arrays, like `rooms`: less than half as large as sets. A room holds a person once. */
  readonly followers: Follower[];
  rooms: Room[];
  /** Whether all of their conversations are followed live. */
  followsAll: boolean;
  /** The feed version delivered; -1 when unknown. */
  readonly told: { userVersion: number };
};

/** Users connected to this node and the conversations they follow. Synchronous; the fan-out does all database queries. */
export class Rooms {
  readonly #rooms = new Map<AccountId, Map<ConversationId, Room>>();
  readonly #people = new Map<AccountId, Map<UserId, Person>>();
  /** Sockets that watch the inbox of an account. */
  readonly #inboxes = new Map<AccountId, Set<Follower>>();
  /** Sockets whose conversations are being loaded. */
  readonly #entering = new Set<Follower>();

  room(account: AccountId, conversationId: ConversationId): Room | undefined {
    return this.#rooms.get(account)?.get(conversationId);
  }

  person(account: AccountId, userId: UserId): Person | undefined {
    return this.#people.get(account)?.get(userId);
  }

  *all(): Iterable<Room> {
    for (const rooms of this.#rooms.values()) yield* rooms.values();
  }

  *everyone(): Iterable<Person> {
    for (const people of this.#people.values()) yield* people.values();
  }

  get size(): Readonly<{ rooms: number; people: number }> {
    return { rooms: sizeOf(this.#rooms), people: sizeOf(this.#people) };
  }

  /**
   * The sockets of its members, each once; not those of `except`, nor those whose conversations are being loaded, nor those of people who joined
   * at a later version of the conversation than `version`.
   */
  socketsOf({ members, joined, lastJoin }: Room, except: readonly UserId[] = [], version = Infinity): Follower[] {
    const joinedSince = version < lastJoin ? joined : undefined;
    const sockets: Follower[] = [];
    for (const person of members.keys()) {
      if (except.includes(person.userId) || (joinedSince?.get(person) ?? 0) > version) continue;
      for (const follower of person.followers) if (!this.#entering.has(follower)) sockets.push(follower);
    }
    return sockets;
  }

  /** The sockets that watch any of these conversations, each once; not those of `except`. */
  watchersOf(account: AccountId, conversationIds: readonly ConversationId[], except: readonly UserId[]): Follower[] {
    const sockets = new Set<Follower>();
    for (const id of conversationIds) for (const watcher of this.room(account, id)?.watchers ?? []) sockets.add(watcher);
    if (sockets.size > 0)
      for (const userId of except) for (const follower of this.person(account, userId)?.followers ?? []) sockets.delete(follower);
    return [...sockets];
  }

  inboxWatchers(account: AccountId): Follower[] {
    return [...(this.#inboxes.get(account) ?? [])];
  }

  /** From here on the user's own events reach this socket; `admit` adds the conversations. */
  enter(account: AccountId, userId: UserId, follower: Follower): Person {
    this.#entering.add(follower);
    const person = this.person(account, userId);
    if (person !== undefined) {
      if (!person.followers.includes(follower)) person.followers.push(follower);
      return person;
    }
    const entered: Person = { account, userId, followers: [follower], rooms: [], followsAll: true, told: { userVersion: -1 } };
    put(this.#people, account, userId, entered);
    return entered;
  }

  watchInbox(account: AccountId, follower: Follower): void {
    const watching = this.#inboxes.get(account) ?? new Set();
    this.#inboxes.set(account, watching.add(follower));
  }

  unwatchInbox(account: AccountId, follower: Follower): void {
    const watching = this.#inboxes.get(account);
    if (watching?.delete(follower) && watching.size === 0) this.#inboxes.delete(account);
  }

  /** Follows the conversation and what only its watchers hear. */
  watch(person: Person, follower: Follower, membership: Membership): void {
    const room = this.follow(person, membership);
    room.watchers ??= new Set();
    room.watchers.add(follower);
  }

  unwatch(account: AccountId, follower: Follower, conversationId: ConversationId): void {
    const room = this.room(account, conversationId);
    if (room !== undefined) leaveWatchers(room, follower);
  }

  /** The socket is gone, or its access has ended. */
  exit(person: Person, follower: Follower): void {
    this.#entering.delete(follower);
    this.unwatchInbox(person.account, follower);
    for (const room of person.rooms) leaveWatchers(room, follower);
    const at = person.followers.indexOf(follower);
    if (at === -1) return;
    person.followers.splice(at, 1);
    if (person.followers.length > 0) return;
    take(this.#people, person.account, person.userId);
    for (const room of person.rooms) this.#forget(room, person);
    person.rooms = [];
  }

  /** Puts a socket into the conversations just loaded for its person, and into those they follow through another socket. */
  admit(person: Person, follower: Follower, followings: readonly Following[]): void {
    if (!person.followers.includes(follower)) return;
    for (const following of followings) this.follow(person, following);
    this.#entering.delete(follower);
    // Growing leaves room for more, of which few come.
    person.rooms = person.rooms.slice();
  }

  follow(person: Person, membership: Membership): Room {
    const { conversationId, accessVersion, joinedVersion } = membership;
    const room = this.room(person.account, conversationId) ?? this.#open(person.account, membership);
    const known = room.members.get(person);
    if (known === undefined || known < accessVersion) room.members.set(person, accessVersion);
    noteJoin(room, person, joinedVersion);
    if (known !== undefined) return room;
    // An older answer may miss a later removal: the next event of the room finds the version too low and reloads.
    room.accessVersion = Math.min(room.accessVersion, accessVersion);
    person.rooms.push(room);
    return room;
  }

  /** The user was not a member as of `accessVersion`; one known as a member at a later version has rejoined. */
  unfollow(person: Person, conversationId: ConversationId, accessVersion: number): void {
    const room = this.room(person.account, conversationId);
    const known = room?.members.get(person);
    if (room === undefined || known === undefined || known > accessVersion) return;
    for (const follower of person.followers) leaveWatchers(room, follower);
    person.rooms = person.rooms.filter((each) => each !== room);
    this.#forget(room, person);
  }

  /**
   * Applies the database's answer: who of those `asked` is a member as of `accessVersion`, and since which version of the conversation. Answers who
   * has left the room by that.
   */
  reconcile(room: Room, asked: readonly Person[], accessVersion: number, present: ReadonlyMap<UserId, number>): Person[] {
    const left: Person[] = [];
    for (const person of asked) {
      const known = room.members.get(person);
      // Left meanwhile.
      if (known === undefined) continue;
      const joinedVersion = present.get(person.userId);
      // The node may have missed that they left, and joined again.
      if (joinedVersion !== undefined) noteJoin(room, person, joinedVersion);
      // Known from a newer source.
      if (known >= accessVersion) continue;
      if (joinedVersion !== undefined) room.members.set(person, accessVersion);
      else {
        this.unfollow(person, room.conversationId, accessVersion);
        left.push(person);
      }
    }
    // A member who joined during the query keeps the room at their own version.
    let lowest = accessVersion;
    for (const known of room.members.values()) if (known < lowest) lowest = known;
    room.accessVersion = lowest;
    return left;
  }

  /**
   * Applies a change of access that is completely known: it produced `accessVersion` from the previous one, and removed members have left
   * the room already. So everyone in it is still a member.
   */
  advance(room: Room, accessVersion: number): void {
    for (const [person, known] of room.members) if (known < accessVersion) room.members.set(person, accessVersion);
    room.accessVersion = accessVersion;
  }

  #open(account: AccountId, { conversationId, accessVersion, version = 0, receiptsVersion = 0 }: Membership): Room {
    const room: Room = {
      account,
      conversationId,
      members: new Map(),
      watchers: undefined,
      joined: undefined,
      lastJoin: 0,
      accessVersion,
      told: { version, receiptsVersion },
    };
    put(this.#rooms, account, conversationId, room);
    return room;
  }

  #forget(room: Room, person: Person): void {
    room.members.delete(person);
    if (room.joined?.delete(person) && room.joined.size === 0) [room.joined, room.lastJoin] = [undefined, 0];
    if (room.members.size === 0 && this.room(room.account, room.conversationId) === room)
      take(this.#rooms, room.account, room.conversationId);
  }
}

/** A member's join version never decreases: an answer that was read before a later join may arrive after it. */
function noteJoin(room: Room, person: Person, version: number): void {
  if (version === 0) return;
  room.joined ??= new Map();
  room.joined.set(person, Math.max(version, room.joined.get(person) ?? 0));
  room.lastJoin = Math.max(room.lastJoin, version);
}

function leaveWatchers(room: Room, follower: Follower): void {
  if (room.watchers?.delete(follower) && room.watchers.size === 0) room.watchers = undefined;
}

/** Two levels: a composed key would cost its characters for each entry, and a concatenation for each look-up. */
type ByAccount<Id, Value> = Map<AccountId, Map<Id, Value>>;

function sizeOf(all: ByAccount<unknown, unknown>): number {
  let size = 0;
  for (const own of all.values()) size += own.size;
  return size;
}

function put<Id, Value>(all: ByAccount<Id, Value>, account: AccountId, id: Id, value: Value): void {
  const own = all.get(account) ?? new Map<Id, Value>();
  all.set(account, own.set(id, value));
}

function take<Id>(all: ByAccount<Id, unknown>, account: AccountId, id: Id): void {
  const own = all.get(account);
  if (own?.delete(id) && own.size === 0) all.delete(account);
}
