import { isDeepStrictEqual } from 'node:util';
import { feedPayloads } from '@coucou/contracts/users/feed';
import type { z } from 'zod';
import type { Payload } from '../support/event-log.ts';
import { advance, arrangementOf, type Copy, copyOf, fill, receive } from './copy.ts';
import { Own } from './own.ts';

/** Events that take a version of their conversation. */
const versioned = new Set([
  'message:new',
  'message:updated',
  'message:deleted',
  'reaction:changed',
  'pin:changed',
  'member:joined',
  'member:left',
  'member:updated',
  'conversation:updated',
]);

type Event = Readonly<{ name: string; payload: Payload }>;

/**
 * A client that does what the protocol tells it, and nothing clever: it applies the event of version last + 1, holds later ones, ignores
 * others, and asks `sync` for what is missing. Events that arrive while it asks wait for the answer.
 */
export class Replica {
  readonly copies = new Map<string, Copy>();
  readonly own = new Own();
  userVersion: number | undefined;
  #epoch: string | undefined;
  /** Conversations of which it knows no more than that they are there. */
  readonly #wanted = new Set<string>();
  /** By conversation and version. */
  readonly #later = new Map<string, Map<number, Event>>();
  readonly #laterEntries = new Map<number, Payload>();
  /** Versions that are known to be there, and of which nothing else came. */
  readonly #announced = new Map<string, number>();
  /** Messages hidden from oneself, by conversation: an event of before may still come. */
  readonly #hidden = new Map<string, Set<number>>();
  #waiting: Event[] | undefined;
  readonly #me: string;

  constructor(me: string) {
    this.#me = me;
  }

  receive(event: Event): void {
    if (this.#waiting !== undefined) this.#waiting.push(event);
    else this.#take(event);
  }

  #take({ name, payload }: Event): void {
    if (versioned.has(name)) this.#takeVersioned({ name, payload });
    else if (name === 'user:event') this.#takeEntry(payload);
    else if (name === 'receipt:updated') {
      const copy = this.copies.get(payload.conversationId);
      if (copy !== undefined) receive(copy, payload);
    } else if (name === 'unread:updated') {
      // Reading takes back what was marked unread; a changed mention does not.
      const copy = this.copies.get(payload.conversationId);
      if (copy !== undefined) copy.arrangement = { ...copy.arrangement, unreadFromSeq: payload.unreadFromSeq };
    } else if (name === 'conversation:new') {
      if (payload.version > (this.copies.get(payload.conversationId)?.version ?? 0)) this.#want(payload.conversationId);
    } else if (name === 'conversation:removed') {
      const { conversationId, version } = payload;
      if (version > (this.copies.get(conversationId)?.version ?? version)) this.#forget(conversationId);
    } else if (name === 'heads') {
      this.#takeHeads(payload);
    } else if (name === 'sync:required') {
      for (const id of payload.conversationIds ?? this.copies.keys()) this.#announced.set(id, Number.POSITIVE_INFINITY);
    }
  }

  #takeHeads({ conversations, userVersion }: Payload): void {
    for (const [id, version] of conversations) if (version > (this.copies.get(id)?.version ?? 0)) this.#announced.set(id, version);
    if (userVersion > (this.userVersion ?? userVersion)) this.#announced.set('user', userVersion);
  }

  #want(id: string): void {
    this.#forget(id);
    this.#wanted.add(id);
  }

  #forget(id: string): void {
    this.copies.delete(id);
    this.#later.delete(id);
    this.#wanted.delete(id);
  }

  #takeVersioned(event: Event): void {
    const { conversationId, version } = event.payload;
    const copy = this.copies.get(conversationId);
    if (copy === undefined) {
      this.#wanted.add(conversationId);
      return;
    }
    if (version <= copy.version) return;
    const later = this.#later.get(conversationId) ?? new Map<number, Event>();
    this.#later.set(conversationId, later.set(version, event));
    this.#catchUp(conversationId, copy);
  }

  #catchUp(id: string, copy: Copy): void {
    const later = this.#later.get(id) ?? new Map<number, Event>();
    for (const version of later.keys()) if (version <= copy.version) later.delete(version);
    for (let next = copy.partial ? undefined : later.get(copy.version + 1); next !== undefined; next = later.get(copy.version + 1)) {
      if (!advance(copy, this.#me, next.name, next.payload)) break;
      later.delete(copy.version);
    }
    for (const seq of this.#hidden.get(id) ?? []) copy.messages.delete(seq);
  }

  #takeEntry(entry: Payload): void {
    const { userVersion } = entry;
    if (this.userVersion === undefined || userVersion <= this.userVersion) return;
    this.#laterEntries.set(userVersion, entry);
    this.#catchUpFeed();
  }

  #catchUpFeed(): void {
    if (this.userVersion === undefined) return;
    for (const version of this.#laterEntries.keys()) if (version <= this.userVersion) this.#laterEntries.delete(version);
    for (let next = this.#laterEntries.get(this.userVersion + 1); next !== undefined; next = this.#laterEntries.get(this.userVersion + 1)) {
      this.userVersion += 1;
      this.#laterEntries.delete(this.userVersion);
      this.#applyEntry(next.kind, next.payload);
    }
  }

  #applyEntry(kind: string, payload: Payload): void {
    const said: z.ZodObject | undefined = feedPayloads[kind as keyof typeof feedPayloads];
    if (!isDeepStrictEqual(said?.parse(payload), payload)) throw new Error(`an entry that the contract does not know: ${kind}`);
    const { conversationId, seq } = payload;
    const copy = this.copies.get(conversationId);
    if (kind === 'message.hidden') {
      this.#hidden.set(conversationId, (this.#hidden.get(conversationId) ?? new Set()).add(seq));
      copy?.messages.delete(seq);
    } else if (kind === 'membership.updated') {
      if (copy !== undefined) copy.arrangement = arrangementOf(payload);
    } else {
      this.own.apply(kind, payload);
    }
  }

  /** What it would ask `sync` for at this moment; from here on, events wait. */
  ask(limit: number): Payload {
    this.#waiting = [];
    this.#announced.clear();
    const conversations: Record<string, object> = {};
    for (const id of this.#wanted) conversations[id] = {};
    for (const [id, { version, receiptsVersion, stale }] of this.copies) conversations[id] = stale ? {} : { version, receiptsVersion };
    return { epoch: this.#epoch, user: { version: this.userVersion }, conversations, limit };
  }

  /** Takes in an answer. Whether there is more to ask for. */
  answer(page: Payload): boolean {
    this.#epoch = page.epoch;
    if (page.user.reset) throw new Error('the feed was reset, which nothing here should cause');
    for (const { kind, payload } of page.user.events) this.#applyEntry(kind, payload);
    this.userVersion = page.user.version;
    for (const changes of page.conversations) this.#takeChanges(changes);
    for (const [id] of page.heads) this.#wanted.add(id);
    if (page.headsCursor !== undefined) throw new Error('more heads than these tests make');
    this.#resume();
    return page.user.hasMore || this.#wanted.size > 0 || page.conversations.some((changes: Payload) => changes.hasMore);
  }

  #takeChanges(changes: Payload): void {
    const { id } = changes;
    const copy = this.copies.get(id);
    // Of the window that is due, nothing is in this answer.
    if (changes.reset && changes.version === 0) return this.#want(id);
    if (changes.removed) this.#forget(id);
    else if (changes.reset) this.copies.set(id, copyOf(changes));
    else if (copy !== undefined) fill(copy, changes);
    else throw new Error('an answer for a conversation that is not held');
    this.#wanted.delete(id);
  }

  /** The answer did not come: the connection ended. */
  giveUp(): void {
    this.#resume();
  }

  #resume(): void {
    for (const [id, copy] of this.copies) this.#catchUp(id, copy);
    this.#catchUpFeed();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of waiting) this.#take(event);
  }

  /** Whether it knows of anything that it does not have. */
  get isBehind(): boolean {
    return (
      this.#announced.size > 0 ||
      this.#wanted.size > 0 ||
      this.#laterEntries.size > 0 ||
      [...this.#later.values()].some((later) => later.size > 0)
    );
  }
}
