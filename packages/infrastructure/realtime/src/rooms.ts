import type { Following } from '@coucou/application/ports/current-members';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';

/** A socket, as far as rooms are concerned. */
export interface Follower {
  join(rooms: string | string[]): unknown;
  leave(room: string): unknown;
}

/**
 * The members of a conversation that are connected to this node. `members` holds, for each, an access version at which they are
 * known to have been a member; `accessVersion` is never above any of these. So everyone in the room was a member at or
 * after `accessVersion`, and an event of that version or an older one may be delivered to all of them.
 */
export type Room = {
  readonly key: string;
  readonly account: AccountId;
  readonly conversationId: ConversationId;
  readonly members: Map<UserId, number>;
  accessVersion: number;
  /** The versions delivered to the sockets of this node; 0 when unknown. */
  readonly told: { version: number; receiptsVersion: number };
};

/** A connected person. All of their sockets are in the same rooms: membership belongs to the person. */
export type Person = {
  readonly key: string;
  readonly account: AccountId;
  readonly userId: UserId;
  readonly followers: Set<Follower>;
  readonly rooms: Set<Room>;
  /** Whether all of their conversations are followed live. */
  followsAll: boolean;
  /** The feed version delivered; -1 when unknown. */
  readonly told: { userVersion: number };
};

/** `except` joins the Socket.IO room separately. `told`: initial versions of a room that this creates. */
type Joining = Readonly<{ except?: Follower; told?: Room['told'] }>;

const roomKey = (account: AccountId, conversationId: ConversationId): string => `c:${account}:${conversationId}`;
const personKey = (account: AccountId, userId: UserId): string => `u:${account}:${userId}`;

/** Watchers of the conversation: presence, profile changes, individual receipts, and typing in large groups. */
export const watchRoom = (account: AccountId, conversationId: ConversationId): string => `w:${account}:${conversationId}`;

/** Watchers of the account's inbox. */
export const inboxRoom = (account: AccountId): string => `i:${account}`;

/** Users connected to this node and the conversations they follow. Synchronous; the fan-out does all database queries. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #people = new Map<string, Person>();
  /** Sockets that watch the inbox of an account. */
  readonly #inboxes = new Map<AccountId, Set<Follower>>();

  room(account: AccountId, conversationId: ConversationId): Room | undefined {
    return this.#rooms.get(roomKey(account, conversationId));
  }

  person(account: AccountId, userId: UserId): Person | undefined {
    return this.#people.get(personKey(account, userId));
  }

  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  everyone(): Iterable<Person> {
    return this.#people.values();
  }

  get size(): Readonly<{ rooms: number; people: number }> {
    return { rooms: this.#rooms.size, people: this.#people.size };
  }

  /** From here on the user's own events reach this socket; `admit` adds the conversations. */
  enter(account: AccountId, userId: UserId, follower: Follower): Person {
    const key = personKey(account, userId);
    let person = this.#people.get(key);
    if (person === undefined) {
      person = { key, account, userId, followers: new Set(), rooms: new Set(), followsAll: true, told: { userVersion: -1 } };
      this.#people.set(key, person);
    }
    person.followers.add(follower);
    follower.join(person.key);
    return person;
  }

  isInboxWatched(account: AccountId): boolean {
    return this.#inboxes.has(account);
  }

  watchInbox(account: AccountId, follower: Follower): void {
    const watching = this.#inboxes.get(account) ?? new Set();
    this.#inboxes.set(account, watching.add(follower));
    follower.join(inboxRoom(account));
  }

  unwatchInbox(account: AccountId, follower: Follower): void {
    const watching = this.#inboxes.get(account);
    if (watching?.delete(follower) && watching.size === 0) this.#inboxes.delete(account);
    follower.leave(inboxRoom(account));
  }

  /** The socket is gone; Socket.IO has taken it out of its rooms already. */
  exit(person: Person, follower: Follower): void {
    this.unwatchInbox(person.account, follower);
    person.followers.delete(follower);
    if (person.followers.size > 0) return;
    this.#people.delete(person.key);
    for (const room of person.rooms) this.#forget(room, person.userId);
    person.rooms.clear();
  }

  /** Puts a socket into the conversations just loaded for its person, and into those they follow through another socket. */
  admit(person: Person, follower: Follower, followings: readonly Following[]): void {
    if (!person.followers.has(follower)) return;
    for (const { conversationId, accessVersion, version, receiptsVersion } of followings)
      this.follow(person, conversationId, accessVersion, { except: follower, told: { version, receiptsVersion } });
    follower.join(Array.from(person.rooms, (room) => room.key));
  }

  /** `accessVersion` is one at which the person is known to be a member. */
  follow(person: Person, conversationId: ConversationId, accessVersion: number, { except, told }: Joining = {}): void {
    const key = roomKey(person.account, conversationId);
    let room = this.#rooms.get(key);
    if (room === undefined) {
      room = {
        key,
        account: person.account,
        conversationId,
        members: new Map(),
        accessVersion,
        told: { version: 0, receiptsVersion: 0, ...told },
      };
      this.#rooms.set(key, room);
    }
    const known = room.members.get(person.userId);
    if (known !== undefined && known >= accessVersion) return;
    room.members.set(person.userId, accessVersion);
    if (known !== undefined) return;
    // An older answer may miss a later removal: the next event of the room finds the version too low and reloads.
    room.accessVersion = Math.min(room.accessVersion, accessVersion);
    person.rooms.add(room);
    for (const follower of person.followers) if (follower !== except) follower.join(room.key);
  }

  /** The user was not a member as of `accessVersion`; one known as a member at a later version has rejoined. */
  unfollow(person: Person, conversationId: ConversationId, accessVersion: number): void {
    const room = this.room(person.account, conversationId);
    const known = room?.members.get(person.userId);
    if (room === undefined || known === undefined || known > accessVersion) return;
    for (const follower of person.followers) {
      follower.leave(room.key);
      follower.leave(watchRoom(person.account, conversationId));
    }
    person.rooms.delete(room);
    this.#forget(room, person.userId);
  }

  /** Applies the database's answer: who of those `asked` is a member as of `accessVersion`. */
  reconcile(room: Room, asked: readonly UserId[], accessVersion: number, present: ReadonlySet<UserId>): void {
    for (const userId of asked) {
      const known = room.members.get(userId);
      // Left meanwhile, or known from a newer source.
      if (known === undefined || known >= accessVersion) continue;
      const person = this.person(room.account, userId);
      if (present.has(userId)) room.members.set(userId, accessVersion);
      else if (person !== undefined) this.unfollow(person, room.conversationId, accessVersion);
    }
    // A member who joined during the query keeps the room at their own version.
    let lowest = accessVersion;
    for (const known of room.members.values()) if (known < lowest) lowest = known;
    room.accessVersion = lowest;
  }

  /**
   * Applies a change of access that is completely known: it produced `accessVersion` from the previous one, and removed members have left
   * the room already. So everyone in it is still a member.
   */
  advance(room: Room, accessVersion: number): void {
    for (const [userId, known] of room.members) if (known < accessVersion) room.members.set(userId, accessVersion);
    room.accessVersion = accessVersion;
  }

  #forget(room: Room, userId: UserId): void {
    room.members.delete(userId);
    if (room.members.size === 0 && this.#rooms.get(room.key) === room) this.#rooms.delete(room.key);
  }
}
