import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from '../support/callers.ts';
import { overSocket } from '../support/callers.ts';
import { dataOf, type SocketClient } from '../support/clients.ts';
import type { EventLog, ReceivedEvent } from '../support/event-log.ts';
import type { Person } from '../support/people.ts';
import { profileOf } from './own.ts';
import { Replica } from './replica.ts';

/** More questions than any of these histories takes. */
const MOST_ROUNDS = 500;

/** One device of a person: a connection that comes and goes, and the copy that outlives it. */
export class Device {
  readonly replica: Replica;
  readonly person: Person;
  #client: (SocketClient & Readonly<{ socket: { terminate(): void } }>) | undefined;
  /** Events to be lost on the way before they arrive. */
  #losing = 0;
  #asking: Promise<void> | undefined;

  constructor(person: Person) {
    this.person = person;
    this.replica = new Replica(person.id);
  }

  get caller(): Caller | undefined {
    return this.#client && overSocket(this.#client);
  }

  /** What came over the connection that is open. */
  get log(): readonly ReceivedEvent[] {
    return this.#client?.events.all ?? [];
  }

  async connect(limit: number): Promise<void> {
    if (this.#client !== undefined) return;
    const client = this.person.plain();
    onRecord(client.events, (event) => this.#arrive(event));
    await client.connect();
    this.#client = client;
    await this.sync(limit);
  }

  /** What was there before the feed began to tell of it. */
  async readOwn(): Promise<void> {
    const { http } = this.person;
    const { own } = this.replica;
    own.preferences = (await http.call('GET', '/api/v1/users/me/preferences')).body;
    own.profile = profileOf((await http.call('GET', '/api/v1/auth/me')).body.user);
    for (const { id } of (await http.call('GET', '/api/v1/notifications?limit=100')).body.items.toReversed()) own.notifications.add(id);
  }

  /** Cuts the connection where it is, with whatever was on its way. */
  async drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    client?.socket.terminate();
    await client?.closed;
    await this.#asking;
  }

  lose(count: number): void {
    this.#losing = count;
  }

  #arrive(event: ReceivedEvent): void {
    if (this.#losing > 0) this.#losing -= 1;
    else this.replica.receive(event);
  }

  /** Asks until nothing is missing any more, or the connection ends. */
  sync(limit: number): Promise<void> {
    this.#asking ??= this.#sync(limit).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #sync(limit: number): Promise<void> {
    for (let round = 0, more = true; more; round += 1) {
      if (round > MOST_ROUNDS) throw new Error('sync does not come to an end');
      const client = this.#client;
      if (client === undefined) return;
      const asked = client.call('sync', this.replica.ask(limit));
      try {
        more = this.replica.answer(dataOf(await asked));
      } catch (error) {
        this.replica.giveUp();
        if (client === this.#client) throw error;
        return;
      }
    }
  }

  /** All that was sent before has arrived: an answer comes behind it. */
  async drained(): Promise<void> {
    await this.#asking;
    if (this.#client !== undefined) dataOf(await this.#client.call('sync', {}));
    await nextTurn();
  }
}

function onRecord(log: EventLog, listener: (event: ReceivedEvent) => void): void {
  const record = log.record.bind(log);
  log.record = (name, payload) => {
    record(name, payload);
    listener({ name, payload });
  };
}
