import { setTimeout as pause } from 'node:timers/promises';
import { RETRYABLE, UNKNOWN_OUTCOME } from '../faults/harness/answers.ts';
import type { Recorder } from '../faults/harness/recorder.ts';
import type { Payload } from '../support/event-log.ts';
import type { Result } from '../support/clients.ts';
import { withDeadline } from '../support/until.ts';
import { Replica } from '../sync/replica.ts';
import type { Copy } from '../sync/copy.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { SimulatedNode } from './node.ts';
import { type ClientEnd, openSocket } from './socket.ts';
import type { Place, Scheduler } from './time/scheduler.ts';

export type SimulatedPerson = Readonly<{ id: string; token: string }>;

export type DeviceOptions = Readonly<{
  client: string;
  person: SimulatedPerson;
  home: number;
  nodes: readonly SimulatedNode[];
  scheduler: Scheduler;
  /** Where all clients live. */
  place: Place;
  random: () => number;
  faults: Faults;
  recorder: Recorder;
  ledger: Ledger;
  /** Rows of a page of sync. */
  pageSize: number;
  /** What the device could not make sense of. */
  confused: (what: string) => void;
}>;

const PATIENCE_MS = 3_000;
const CONNECTS_WITHIN_MS = 1_500;
const HOLE_MS = 200;
/** More than a conversation has here. */
const WINDOW = 200;
const changes = new Set(['message:deleted', 'reaction:changed', 'pin:changed']);
const told = new Set(['message:new', 'message:updated', 'member:joined', 'member:left', 'member:updated', 'conversation:updated']);

type Open = { end: ClientEnd; node: number; waiting: Map<number, (result: Result | undefined) => void>; closed: Promise<void> };

/** A device that does what the protocol tells it, comes back whenever it is cut off, and writes down what it does and is told. */
export class SimulatedDevice {
  readonly client: string;
  readonly user: string;
  readonly replica: Replica;
  readonly #options: DeviceOptions;
  readonly #known = new Map<string, Readonly<{ copy: Copy; version: number }>>();
  #open: Open | undefined;
  #calls = 0;
  #asking: Promise<void> | undefined;
  #askAgain = false;
  #isStopped = false;
  connects = 0;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.client = options.client;
    this.user = options.person.id;
    this.replica = new Replica(this.user);
  }

  get isConnected(): boolean {
    return this.#open !== undefined;
  }
  /** The node that it is connected to. */
  get node(): number | undefined {
    return this.#open?.node;
  }
  get isAsking(): boolean {
    return this.#asking !== undefined;
  }

  /** Connects to one node after the other until it is stopped. */
  async live(): Promise<void> {
    const { home, nodes } = this.#options;
    for (let at = home; !this.#isStopped; at += 1) {
      const index = at % nodes.length;
      await this.#connect(index);
      const opened = this.#open;
      if (opened !== undefined) {
        at = index;
        void this.sync();
        await opened.closed;
      }
      await this.#jitter(40);
    }
  }
  stop(): void {
    this.#isStopped = true;
    this.cut();
  }
  /** Without a word. */
  cut(): void {
    this.#open?.end.cut();
  }

  async #connect(node: number): Promise<void> {
    const { scheduler, random, faults, nodes, place, person } = this.#options;
    const to = nodes[node];
    if (to?.app === undefined) return;
    const connected = Promise.withResolvers<boolean>();
    const closed = Promise.withResolvers<void>();
    const waiting: Open['waiting'] = new Map();
    const end = openSocket({
      accept: (socket) => to.accept(socket),
      scheduler,
      random,
      faults,
      node: to.place,
      client: place,
      onText: (text) => {
        const [name, ...rest] = JSON.parse(text) as [string, ...Payload[]];
        if (name === 'connected') connected.resolve(true);
        else if (name === 'ack') {
          waiting.get(rest[0])?.(rest[1]);
          waiting.delete(rest[0]);
        } else this.#arrive(name, rest[0]);
      },
      onClose: () => {
        connected.resolve(false);
        closed.resolve();
        if (this.#open?.end === end) this.#open = undefined;
        for (const give of waiting.values()) give(undefined);
        waiting.clear();
      },
    });
    const { place: there } = to;
    end.send(JSON.stringify(['connect', { token: person.token }]));
    const isConnected = await withDeadline(connected.promise, { timeoutMs: CONNECTS_WITHIN_MS, what: 'connected' }).catch(() => false);
    // Its machine resets what a node leaves behind that ends meanwhile.
    if (!isConnected || !end.isOpen() || !there.isAlive) return end.cut();
    this.connects += 1;
    this.#open = { end, node, waiting, closed: closed.promise };
  }

  #arrive(name: string, payload: Payload): void {
    const { recorder, ledger, confused } = this.#options;
    const by = { client: this.client, user: this.user };
    const { conversationId, version } = payload ?? {};
    if (told.has(name)) {
      const message = payload.message && ledger.shown(conversationId, payload.message);
      recorder.log.push({ at: Date.now(), ...by, type: 'event', name, conversation: conversationId, version, message });
    } else if (changes.has(name)) {
      const message = ledger.changed(conversationId, payload.seq, version);
      if (message !== undefined)
        recorder.log.push({ at: Date.now(), ...by, type: 'event', name, conversation: conversationId, version, message });
    }
    try {
      this.replica.receive({ name, payload });
    } catch (error) {
      confused(`${this.client} could not take ${name}: ${String(error)}`);
    }
    this.#noteHeld();
    if (!this.replica.isBehind || this.#asking !== undefined) return;
    // A hole may close by itself: events of several nodes arrive in any order.
    void pause(HOLE_MS).then(() => {
      if (this.replica.isBehind) void this.sync();
    });
  }

  #noteHeld(): void {
    const { recorder } = this.#options;
    for (const id of this.#known.keys()) if (!this.replica.copies.has(id)) this.#known.delete(id);
    for (const [id, copy] of this.replica.copies) {
      if (copy.partial) continue;
      const before = this.#known.get(id);
      const begins = before?.copy !== copy;
      if (!begins && before.version === copy.version) continue;
      this.#known.set(id, { copy, version: copy.version });
      recorder.holds({ client: this.client, user: this.user }, id, copy.version, begins);
    }
  }

  /** Asks until nothing is missing, or the connection ends. */
  sync(): Promise<void> {
    this.#askAgain = true;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    while (this.#askAgain && this.#open !== undefined) {
      this.#askAgain = false;
      for (let more = true; more && this.#open !== undefined; ) {
        const page = await this.#askOnce();
        if (page === undefined) {
          this.#askAgain = true;
          await this.#jitter(100);
          break;
        }
        try {
          more = this.replica.answer(page);
        } catch (error) {
          this.#options.confused(`${this.client} could not take an answer of sync: ${String(error)}`);
          this.replica.giveUp();
          return;
        }
        this.#noteHeld();
      }
    }
  }

  /** A page; undefined when there was no answer, or a refusal. */
  async #askOnce(): Promise<Payload> {
    const { recorder, ledger, pageSize } = this.#options;
    const { limit: _limit, ...asked } = this.replica.ask(pageSize);
    const named = Object.entries(asked.conversations as Record<string, Payload>);
    const limit = named.length === 0 || named.some(([, { version }]) => version === undefined) ? WINDOW : pageSize;
    const by = { client: this.client, user: this.user };
    const ops = named.map(([id, { version }]) => [id, version, recorder.invoke(by, { kind: 'sync', conversation: id, version })] as const);
    const result = await this.call('sync', { ...asked, limit });
    if (result?.ok !== true) {
      for (const [, , op] of ops) op.unknown();
      this.replica.giveUp();
      return undefined;
    }
    const answers = new Map<string, Payload>(result.data.conversations.map((one: Payload) => [one.id, one]));
    for (const [id, version, op] of ops) {
      const one = answers.get(id);
      if (one?.removed === true) op.fail('removed');
      else if (one === undefined) op.ok({ kind: 'sync', version: version ?? 0, messages: [], hasMore: version === undefined });
      else {
        const messages = one.messages.map((message: Payload) => ledger.shown(id, message));
        op.ok({ kind: 'sync', version: one.version, messages, hasMore: one.hasMore || (one.reset === true && one.version === 0) });
      }
    }
    return result.data;
  }

  /** Undefined when no answer came. */
  async call(operation: string, input: Payload): Promise<Result | undefined> {
    const opened = this.#open;
    if (opened === undefined) return undefined;
    const id = (this.#calls += 1);
    const { promise, resolve } = Promise.withResolvers<Result | undefined>();
    opened.waiting.set(id, resolve);
    opened.end.send(JSON.stringify([operation, input, id]));
    return withDeadline(promise, { timeoutMs: PATIENCE_MS, what: operation }).catch(() => {
      opened.waiting.delete(id);
      return undefined;
    });
  }

  /** Until it is stored or refused for good, or `givesUp`. */
  async send(conversationId: string, clientMessageId: string, content: string, more: object, givesUp: () => boolean): Promise<Payload> {
    const { recorder, ledger } = this.#options;
    const by = { client: this.client, user: this.user };
    ledger.sent(clientMessageId, content);
    for (;;) {
      const op = recorder.invoke(by, { kind: 'send', conversation: conversationId, id: clientMessageId, value: content });
      const result = await this.call('message:send', { conversationId, clientMessageId, content, ...more });
      if (result?.ok === true) {
        op.ok({ kind: 'send', message: ledger.shown(conversationId, result.data) });
        return result.data;
      }
      const code = result?.error.code;
      if (code === undefined || UNKNOWN_OUTCOME.has(code)) op.unknown();
      else op.fail(code);
      if ((code !== undefined && !UNKNOWN_OUTCOME.has(code) && !RETRYABLE.has(code)) || givesUp()) return undefined;
      await this.#jitter(60);
    }
  }

  async read(conversation: string): Promise<void> {
    const { recorder, ledger } = this.#options;
    const op = recorder.invoke({ client: this.client, user: this.user }, { kind: 'history', conversation, after: 0 });
    const result = await this.call('messages.list', { conversationId: conversation, limit: 100, after: 0 });
    if (result === undefined) op.unknown();
    else if (!result.ok) op.fail(result.error.code);
    else {
      const messages = result.data.items.map((item: Payload) => ledger.shown(conversation, item));
      op.ok({ kind: 'history', messages, hasMore: result.data.hasAfter });
    }
  }

  #jitter(least: number): Promise<void> {
    return pause(least + this.#options.random() * 2 * least);
  }
}
