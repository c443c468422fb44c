import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient } from './raw-client.ts';

/** What one client went through from the moment when it began to come back, in ms of `performance.now()`. */
export type Return = Readonly<{ connectedAt: number; syncedAt: number; refusals: number; answers: readonly Buffer[] }>;

type Versions = { version: number; receiptsVersion: number };
type Answer = Readonly<{
  ok: boolean;
  data: Readonly<{
    user: Readonly<{ version: number }>;
    conversations: readonly (Versions & Readonly<{ id: string; messages: readonly Readonly<{ seq: number }>[]; hasMore: boolean }>)[];
    heads: readonly (readonly [id: string, version: number, receiptsVersion: number])[];
  }>;
}>;

/** A client that is refused tries again after so long on average. */
const AGAIN_MS = 1_000;
const MOST_ATTEMPTS = 30;

/** A client that comes back after its connection ended: connects, syncs with the versions that it holds, and knows what it got. */
export class ReturningClient {
  readonly #auth: string;
  readonly #held = new Map<string, Versions>();
  #userVersion: number | undefined;
  #client: RawClient | undefined;
  #acked: ((frame: Buffer) => void) | undefined;
  /** Connections that ended although nobody cut them. */
  lost = 0;

  constructor(auth: string) {
    this.#auth = auth;
  }

  cut(): void {
    this.#client?.cut();
  }

  /** Connected, and synced without a page that is left. Answers are kept as they came: to read them is no part of what is measured. */
  async comeBack(url: string): Promise<Return> {
    let refusals = 0;
    while (!(await this.#connect(url))) {
      refusals += 1;
      if (refusals === MOST_ATTEMPTS) throw new Error('a client was refused again and again');
      await sleep(AGAIN_MS * (0.5 + Math.random()));
    }
    const connectedAt = performance.now();
    const answers: Buffer[] = [];
    for (;;) {
      const answer = await this.#sync();
      answers.push(answer);
      if (!answer.includes('"hasMore":true')) break;
      this.learn(answer);
    }
    return { connectedAt, syncedAt: performance.now(), refusals, answers };
  }

  /** Holds from here on what an answer says. Answers the messages in it, as `conversation/seq`. */
  learn(frame: Buffer): string[] {
    const [answer] = JSON.parse(frame.toString('utf8', frame.indexOf('['))) as [Answer];
    if (!answer.ok) throw new Error(`sync was refused: ${frame.toString()}`);
    const { user, conversations, heads } = answer.data;
    this.#userVersion = user.version;
    for (const [id, version, receiptsVersion] of heads) this.#held.set(id, { version, receiptsVersion });
    return conversations.flatMap(({ id, version, receiptsVersion, messages }) => {
      this.#held.set(id, { version, receiptsVersion });
      return messages.map(({ seq }) => `${id}/${seq}`);
    });
  }

  async #connect(url: string): Promise<boolean> {
    let isUp = false;
    const listener = {
      acked: (_id: number, frame: Buffer) => this.#acked?.(frame),
      event: () => {},
      closed: () => {
        if (isUp) this.lost += 1;
      },
    };
    try {
      this.#client = await RawClient.connect(url, this.#auth, listener);
      isUp = true;
      return true;
    } catch {
      return false;
    }
  }

  #sync(): Promise<Buffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.#acked = resolve;
    const user = this.#userVersion === undefined ? {} : { version: this.#userVersion };
    this.#client?.send(`420["sync",${JSON.stringify({ user, conversations: Object.fromEntries(this.#held) })}]`);
    return promise;
  }
}
