import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient } from './raw-client.ts';

/** What one client went through from the moment when it began to come back, in ms of `performance.now()`. */
export type Return = Readonly<{ connectedAt: number; syncedAt: number; refusals: number; answers: readonly Buffer[] }>;

/** When the server closed a connection, and what it said before. */
export type Goodbye = Readonly<{ at: number } & Closing>;
type Closing = Readonly<{ reason?: string; retryAfterMs?: number }>;

type Versions = { version: number; receiptsVersion: number };
type Message = Readonly<{ seq: number; version: number }>;
type MessageNew = Readonly<{ conversationId: string; version: number; message: Message }>;
type Answer = Readonly<{
  ok: boolean;
  data: Readonly<{
    user: Readonly<{ version: number }>;
    conversations: readonly (Versions & Readonly<{ id: string; messages: readonly Message[]; hasMore: boolean }>)[];
    heads: readonly (readonly [id: string, version: number, receiptsVersion: number])[];
  }>;
}>;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
const MOST_ATTEMPTS = 30;
const CONNECTED = Buffer.from('42["connected",');
const CLOSING = Buffer.from('42["closing",');
const MESSAGE_NEW = Buffer.from('42["message:new",');

const startsWith = (frame: Buffer, start: Buffer): boolean => frame.compare(start, 0, start.length, 0, start.length) === 0;
const payloadOf = (frame: Buffer): unknown => (JSON.parse(frame.toString('utf8', 2)) as [event: string, payload: unknown])[1];

/** How long clients wait before an attempt, as docs/guides/stay-connected.md tells them. */
export const waitMs = (attempt: number, atLeastMs = 0): number =>
  Math.max(atLeastMs, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + Math.random()));

/** Clients per second by the time until the last was connected, and until the last had also synced. */
export function ratesOf(returns: readonly Pick<Return, 'connectedAt' | 'syncedAt'>[], begun: number) {
  const rate = (last: number) => (returns.length * 1000) / (last - begun);
  return {
    perSecond: rate(Math.max(...returns.map(({ connectedAt }) => connectedAt))),
    syncedPerSecond: rate(Math.max(...returns.map(({ syncedAt }) => syncedAt))),
  };
}

/** A client that comes back after its connection ended: connects, syncs with the versions that it holds, and knows what it got. */
export class ReturningClient {
  readonly #auth: string;
  readonly #held = new Map<string, Versions>();
  /** The versions that the last sync named. */
  #named = new Map<string, number>();
  /** Messages by version that wait for those before them, of each conversation. */
  readonly #early = new Map<string, Map<number, string>>();
  readonly #onThisConnection = new Set<string>();
  #heard: string[] = [];
  #userVersion: number | undefined;
  #client: RawClient | undefined;
  #answered: PromiseWithResolvers<Buffer> | undefined;
  #sentAway: ((goodbye: Goodbye) => void) | undefined;
  /** Connections that ended although nobody cut them, and nobody waited for it. */
  lost = 0;

  constructor(auth: string) {
    this.#auth = auth;
  }

  cut(): void {
    this.#client?.cut();
  }

  /** Once the server has closed the connection, which is no loss then. */
  sentAway(): Promise<Goodbye> {
    const { promise, resolve } = Promise.withResolvers<Goodbye>();
    this.#sentAway = resolve;
    return promise;
  }

  /**
   * Connected, and synced without a page that is left; `attempt` is how many waits were before. Answers are kept as they came: to read them is
   * no part of what is measured.
   */
  async comeBack(url: string, attempt = 0): Promise<Return> {
    let refusals = 0;
    let connectedAt: number | undefined;
    while ((connectedAt = await this.#connect(url)) === undefined) {
      refusals += 1;
      if (refusals === MOST_ATTEMPTS) throw new Error('a client was refused again and again');
      await sleep(waitMs(attempt + refusals - 1));
    }
    const answers: Buffer[] = [];
    for (;;) {
      const answer = await this.#sync();
      answers.push(answer);
      if (!answer.includes('"hasMore":true')) break;
      this.learn(answer);
    }
    return { connectedAt, syncedAt: performance.now(), refusals, answers };
  }

  /** Holds from here on what an answer says. Answers the messages in it that were not heard since it was asked for, as `conversation/seq`. */
  learn(frame: Buffer): string[] {
    const [answer] = JSON.parse(frame.toString('utf8', frame.indexOf('['))) as [Answer];
    if (!answer.ok) throw new Error(`sync was refused: ${frame.toString()}`);
    const { user, conversations, heads } = answer.data;
    this.#userVersion = user.version;
    for (const [id, version, receiptsVersion] of heads) this.#held.set(id, { version, receiptsVersion });
    return conversations.flatMap(({ id, version, receiptsVersion, messages }) => {
      const [named, held] = [this.#named.get(id) ?? 0, this.#held.get(id)?.version ?? 0];
      const news = messages.filter((message) => message.version <= named || message.version > held);
      this.#held.set(id, { version: Math.max(held, version), receiptsVersion });
      this.#catchUp(id);
      return news.map(({ seq }) => `${id}/${seq}`);
    });
  }

  /** Messages that came as events since this was asked last, as `conversation/seq`. */
  takeHeard(): string[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  /** Answers when it was let in, once it is in its rooms as well: a sync before that would miss what comes in between. */
  async #connect(url: string): Promise<number | undefined> {
    let isUp = false;
    let closing: Closing = {};
    const welcomed = Promise.withResolvers<void>();
    // Nobody waits for it where the handshake itself is refused.
    welcomed.promise.catch(() => {});
    this.#onThisConnection.clear();
    const listener = {
      acked: (_id: number, frame: Buffer) => this.#answered?.resolve(frame),
      event: (frame: Buffer) => {
        if (startsWith(frame, MESSAGE_NEW)) this.#hear(payloadOf(frame) as MessageNew);
        else if (startsWith(frame, CONNECTED)) welcomed.resolve();
        else if (startsWith(frame, CLOSING)) closing = payloadOf(frame) as Closing;
      },
      closed: (why: string) => {
        welcomed.reject(new Error(why));
        if (isUp) this.#closed(why, closing);
      },
    };
    try {
      this.#client = await RawClient.connect(url, this.#auth, listener);
      const connectedAt = performance.now();
      await welcomed.promise;
      isUp = true;
      return connectedAt;
    } catch {
      return undefined;
    }
  }

  #closed(why: string, closing: Closing): void {
    if (this.#sentAway === undefined) this.lost += 1;
    else this.#sentAway({ ...closing, at: performance.now() });
    this.#sentAway = undefined;
    this.#answered?.reject(new Error(`${why} instead of an answer`));
  }

  #hear({ conversationId, version, message }: MessageNew): void {
    const name = `${conversationId}/${message.seq}`;
    const isAgain = this.#onThisConnection.has(name);
    this.#onThisConnection.add(name);
    // What a sync answered already comes as an event as well, and is left out; but nothing comes twice as an event.
    if (isAgain) this.#heard.push(name);
    else if (version > (this.#held.get(conversationId)?.version ?? 0)) {
      this.#early.set(conversationId, (this.#early.get(conversationId) ?? new Map<number, string>()).set(version, name));
      this.#catchUp(conversationId);
    }
  }

  /** Takes events in the order of their versions; those after a hole wait for the sync that fills it. */
  #catchUp(conversationId: string): void {
    const [early, held] = [this.#early.get(conversationId), this.#held.get(conversationId)];
    if (early === undefined || held === undefined) return;
    for (const version of early.keys()) if (version <= held.version) early.delete(version);
    for (let name = early.get(held.version + 1); name !== undefined; name = early.get(held.version + 1)) {
      held.version += 1;
      early.delete(held.version);
      this.#heard.push(name);
    }
  }

  #sync(): Promise<Buffer> {
    this.#answered = Promise.withResolvers<Buffer>();
    this.#named = new Map(Array.from(this.#held, ([id, { version }]) => [id, version]));
    const user = this.#userVersion === undefined ? {} : { version: this.#userVersion };
    this.#client?.send(`420["sync",${JSON.stringify({ user, conversations: Object.fromEntries(this.#held) })}]`);
    return this.#answered.promise;
  }
}
