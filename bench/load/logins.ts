import { HttpClient } from './http-client.ts';

/** Somebody with a password, who calls from an address of their own. */
export type LoginPerson = Readonly<{ username: string; password: string; address: string }>;

/** What became of the logins of one phase. Milliseconds from when each was meant to go, which is no later than when it went. */
export type LoginPhase = Readonly<{
  seconds: number;
  admitted: number[];
  refused: number[];
  /** Answers that are neither a session nor `OVERLOADED` with `Retry-After`, in short. */
  unexpected: string[];
}>;

type Books = { admitted: number[]; refused: number[]; unexpected: string[] };
const newBooks = (): Books => ({ admitted: [], refused: [], unexpected: [] });

const TICK_MS = 5;

/** Logs many people in over HTTP, each try on a connection that has nothing else to do. */
export class LoginLoad {
  readonly #url: string;
  readonly #people: readonly LoginPerson[];
  readonly #idle: HttpClient[] = [];
  readonly #all: HttpClient[] = [];
  #next = 0;

  constructor(url: string, people: readonly LoginPerson[]) {
    this.#url = url;
    this.#people = people;
  }

  /** So many at once, the next as soon as one is answered. */
  async closed({ seconds, atOnce }: { seconds: number; atOnce: number }): Promise<LoginPhase> {
    const books = newBooks();
    const startedAt = performance.now();
    const end = startedAt + seconds * 1_000;
    const lane = async () => {
      while (performance.now() < end) await this.#logIn(books, performance.now());
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return { ...books, seconds: (performance.now() - startedAt) / 1_000 };
  }

  /**
   * So many a second, come what may, until stopped. `full` resolves with the first refusal; `restart` begins new books, and the end
   * answers those once every login has been answered.
   */
  flood(rate: number): { full: Promise<void>; restart(): void; stop(): Promise<LoginPhase> } {
    const { promise: full, resolve } = Promise.withResolvers<void>();
    const inFlight = new Set<Promise<void>>();
    let books = newBooks();
    let countedFrom = performance.now();
    const startedAt = performance.now();
    let sent = 0;
    // A beat that came late is made up for, each login with the time when it should have gone.
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) * rate) / 1_000);
      for (; sent < due; sent += 1) {
        const own = books;
        const login = this.#logIn(own, startedAt + (sent * 1_000) / rate).finally(() => {
          inFlight.delete(login);
          if (own.refused.length + own.unexpected.length > 0) resolve();
        });
        inFlight.add(login);
      }
    }, TICK_MS);
    return {
      full,
      restart() {
        books = newBooks();
        countedFrom = performance.now();
      },
      async stop() {
        clearInterval(timer);
        const seconds = (performance.now() - countedFrom) / 1_000;
        await Promise.all(inFlight);
        return { ...books, seconds };
      },
    };
  }

  close(): void {
    for (const client of this.#all) client.close();
  }

  async #logIn(books: Books, due: number): Promise<void> {
    const person = this.#people[this.#next++ % this.#people.length];
    if (person === undefined) throw new Error('there is nobody to log in');
    const { username, password, address } = person;
    const client = this.#idle.pop() ?? this.#connect();
    try {
      const json = JSON.stringify({ username, password });
      const { status, head, body } = await client.post('/api/v1/auth/login', json, [`x-forwarded-for: ${address}`]);
      const took = performance.now() - due;
      if (status === 200) books.admitted.push(took);
      else if (status === 503 && /^retry-after: [1-9]/im.test(head) && body.includes('"OVERLOADED"')) books.refused.push(took);
      else books.unexpected.push(`${status} ${body.toString('utf8', 0, 200)}`);
    } catch (error) {
      books.unexpected.push(String(error));
    }
    this.#idle.push(client);
  }

  #connect(): HttpClient {
    const client = new HttpClient(this.#url);
    this.#all.push(client);
    return client;
  }
}
