import { setTimeout as pause } from 'node:timers/promises';
import type { Audience } from '@coucou/application/kernel/audience';
import type { ConversationHead } from '@coucou/application/ports/head-reader';
import type { Announced, Telling } from '@coucou/application/ports/event-bus';
import type { Histogram } from '@coucou/application/ports/metrics';
import type { CurrentMembers } from '@coucou/application/ports/current-members';
import { type Encoded, type Payload, payloadOf } from '@coucou/application/kernel/payload';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Logger } from 'pino';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { InFlight } from './in-flight.ts';
import type { Follower, Person, Room, Rooms } from './rooms.ts';

export type FanOutOptions = Readonly<{
  rooms: Rooms;
  currentMembers: Pick<CurrentMembers, 'present'>;
  /** Sends to each of these sockets; `json` is the payload. What is lossy may be dropped. */
  emit: (to: readonly Follower[], event: string, json: string, isLossy: boolean) => void;
  inFlight: InFlight;
  /** In seconds, from the commit. */
  lag: Histogram;
  log: Logger;
}>;

/** `at` is that of `Announced`. */
type Delivery = Readonly<{ name: string; payload: Payload; accessVersion: number; at?: number | undefined }>;

/** A room whose members are being reloaded, and the deliveries held for it, in order. */
type Held = { deliveries: Delivery[]; skipped: boolean };

/** Events held per room while the database does not answer; beyond it they are dropped and the room receives `sync:required`. */
const MOST_HELD = 500;
const BACK_OFF = { first: 50, most: 2_000 };

/**
 * Fan-out of announced events to the sockets of this node. Guarantees D7: an event reaches a room only if everyone in the room is known
 * to be a member at the event's access version or later. An older room first reloads its members from the database
 * and delivers nothing before that, however long it takes. An event committed before a member joined is not delivered to that member.
 */
export class FanOut {
  readonly #held = new Map<Room, Held>();
  readonly #stop = new AbortController();
  readonly #options: FanOutOptions;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** Rooms that wait for the database. */
  get waiting(): number {
    return this.#held.size;
  }

  stop(): void {
    this.#stop.abort();
  }

  deliver(announced: readonly Announced[]): void {
    for (const { account, tellings, at } of announced) for (const telling of tellings) this.#deliver(account, telling, at);
  }

  /** Reloads who of a room is still a member; what is held for the room does so by itself. */
  async reload(room: Room, accessVersion: number): Promise<void> {
    if (!this.#held.has(room)) await this.#ask(room, accessVersion);
  }

  /** Sends the head of a conversation to its room, and records it as told. */
  headToRoom(room: Room, { id, version, receiptsVersion, accessVersion }: ConversationHead): void {
    room.told.version = version;
    room.told.receiptsVersion = receiptsVersion;
    const payload = payloadOf(() => ({ at: new Date().toISOString(), conversations: [[id, version, receiptsVersion]] }));
    this.#toRoom(room, { name: 'heads', payload, accessVersion });
  }

  headToPerson(person: Person, userVersion: number): void {
    person.told.userVersion = userVersion;
    this.#send(person.followers, {
      name: 'heads',
      payload: payloadOf(() => ({ at: new Date().toISOString(), conversations: [], userVersion })),
      accessVersion: 0,
    });
  }

  /** Heads of conversations that the user is in and does not follow. */
  unfollowedHeads(person: Person, heads: readonly ConversationHead[]): void {
    const conversations = heads.map(({ id, version, receiptsVersion }) => [id, version, receiptsVersion]);
    const payload = payloadOf(() => ({ at: new Date().toISOString(), conversations }));
    this.#send(person.followers, { name: 'heads', payload, accessVersion: 0 });
  }

  #deliver(account: AccountId, { event: name, to, reached, payload }: Telling, at: number | undefined): void {
    const { rooms } = this.#options;
    // These tell sockets nothing: they close some (`closeEnded`), or are for the registry of presence.
    if (to.kind === 'access' || to.kind === 'presence') return;
    const deliveryOf = (accessVersion: number): Delivery => ({ name, payload, accessVersion, at });
    if (reached !== undefined && 'receiptsVersion' in reached)
      noteReceipts(rooms.room(account, reached.conversationId), reached.receiptsVersion);
    if (to.kind === 'conversation') {
      const room = rooms.room(account, to.conversationId);
      if (room === undefined) return;
      // Each change of access increments the access version, and this one is a join or leave only: a room that is one behind is up to date
      // once that user is in or out. (Members added together share one version; each event is applied in turn.) Any other change
      // of access requires a reload.
      if (to.whole === true && room.accessVersion === to.accessVersion - 1 && !this.#held.has(room)) rooms.advance(room, to.accessVersion);
      this.#toRoom(room, deliveryOf(to.accessVersion));
      return;
    }
    if (to.kind === 'watchers' || to.kind === 'members' || to.kind === 'inbox') {
      const sockets = this.#unversioned(account, to);
      if (sockets.length > 0) this.#send(sockets, deliveryOf(0), to.kind === 'members' || (to.kind === 'watchers' && to.lossy));
      return;
    }
    const person = rooms.person(account, to.userId);
    if (person === undefined) return;
    if (to.kind === 'devices') {
      this.#send(person.followers, deliveryOf(0));
      if (reached !== undefined && 'userVersion' in reached)
        person.told.userVersion = Math.max(person.told.userVersion, reached.userVersion);
      return;
    }
    if (to.follows) rooms.follow(person, to);
    else rooms.unfollow(person, to.conversationId, to.accessVersion);
    const sent = this.#send(person.followers, deliveryOf(to.accessVersion));
    const room = rooms.room(account, to.conversationId);
    // The first follower on this node has just received the conversation with its version.
    if (to.follows && room?.members.size === 1) noteVersion(room, sent);
  }

  /** Of what has no version. Members only where all in the room are known to be that at the access version or later: nothing waits for it. */
  #unversioned(account: AccountId, to: Extract<Audience, { kind: 'watchers' | 'members' | 'inbox' }>): Follower[] {
    const { rooms } = this.#options;
    if (to.kind === 'watchers') return rooms.watchersOf(account, to.conversationIds, to.except);
    if (to.kind === 'inbox') return rooms.inboxWatchers(account);
    const room = rooms.room(account, to.conversationId);
    return room === undefined || this.#held.has(room) || room.accessVersion < to.accessVersion ? [] : rooms.socketsOf(room, to.except);
  }

  #toRoom(room: Room, delivery: Delivery): void {
    const held = this.#held.get(room);
    if (held !== undefined) {
      held.deliveries.push(delivery);
      if (held.deliveries.length <= MOST_HELD) return;
      held.deliveries = [delivery];
      held.skipped = true;
    } else if (room.accessVersion >= delivery.accessVersion) {
      this.#tell(room, delivery);
    } else {
      this.#held.set(room, { deliveries: [delivery], skipped: false });
      void this.#reconcile(room);
    }
  }

  /** Never rejects. Ends when nothing is held any more, or the room is empty. */
  async #reconcile(room: Room): Promise<void> {
    const { inFlight, log } = this.#options;
    inFlight.enter();
    let delay = BACK_OFF.first;
    try {
      while (room.members.size > 0) {
        const held = this.#held.get(room);
        const next = held?.deliveries[0];
        if (held === undefined || next === undefined) return;
        if (room.accessVersion >= next.accessVersion) {
          held.deliveries.shift();
          this.#deliverHeld(room, held, next);
          delay = BACK_OFF.first;
          continue;
        }
        try {
          await this.#ask(room, next.accessVersion);
        } catch (error) {
          log.warn(
            { err: loggableError(error), conversationId: room.conversationId, held: held.deliveries.length },
            'the members of a room cannot be loaded; its events are held',
          );
          await pause(delay, undefined, { signal: this.#stop.signal, ref: false });
          delay = Math.min(delay * 2, BACK_OFF.most);
        }
      }
    } catch {
      // Stopped: clients reconnect and sync.
    } finally {
      this.#held.delete(room);
      inFlight.leave();
    }
  }

  async #ask(room: Room, atLeast: number): Promise<void> {
    const { currentMembers, rooms } = this.#options;
    const asked = [...room.members.keys()];
    const ids = asked.map(({ userId }) => userId);
    const { accessVersion, joined } = await currentMembers.present(room.account, room.conversationId, ids);
    if (accessVersion < atLeast && joined.size > 0)
      throw new Error(`the answer is of access version ${accessVersion}, needed is ${atLeast}`);
    // No members at all: the conversation was deleted, and its version with it.
    const left = rooms.reconcile(room, asked, Math.max(accessVersion, atLeast), joined);
    // The removal itself may be lost, and nothing else of this conversation reaches them; the conversation's version is not theirs to know (D7).
    for (const { followers } of left) this.#requireSync(followers, room, 'recovered');
  }

  #requireSync(to: readonly Follower[], { conversationId }: Room, reason: 'overflow' | 'recovered'): void {
    const payload = payloadOf(() => ({ at: new Date().toISOString(), reason, conversationIds: [conversationId] }));
    this.#send(to, { name: 'sync:required', payload, accessVersion: 0 });
  }

  #deliverHeld(room: Room, held: Held, delivery: Delivery): void {
    if (held.skipped) {
      held.skipped = false;
      this.#requireSync(this.#options.rooms.socketsOf(room), room, 'overflow');
    }
    this.#tell(room, delivery);
  }

  #tell(room: Room, delivery: Delivery): void {
    const { rooms } = this.#options;
    noteVersion(
      room,
      this.#send(({ version }) => rooms.socketsOf(room, [], version), delivery),
    );
  }

  /** The payload sent; undefined on failure, so that it does not count as told. */
  #send(
    to: readonly Follower[] | ((sent: Encoded) => readonly Follower[]),
    { name, payload, at }: Delivery,
    isLossy = false,
  ): Encoded | undefined {
    const { emit, lag, log } = this.#options;
    try {
      const sent = payload();
      emit(typeof to === 'function' ? to(sent) : to, name, sent.json, isLossy);
      if (at !== undefined) lag.observe(Math.max(0, Date.now() - at) / 1_000);
      return sent;
    } catch (error) {
      log.error({ err: loggableError(error), event: name }, 'an event could not be announced');
      return undefined;
    }
  }
}

function noteVersion(room: Room, sent: Encoded | undefined): void {
  if (sent?.version !== undefined) room.told.version = Math.max(room.told.version, sent.version);
}

function noteReceipts(room: Room | undefined, receiptsVersion: number): void {
  if (room !== undefined) room.told.receiptsVersion = Math.max(room.told.receiptsVersion, receiptsVersion);
}
