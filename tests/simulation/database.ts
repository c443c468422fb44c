import { NoSessionError } from '@coucou/postgres/kit/errors';
import { RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { kyselyOn, type Session, type SessionPool } from '@coucou/postgres/kit/session';
import { inTurn, Turns } from '@coucou/postgres/kit/turns';
import { type Faults, statementFault } from './faults.ts';
import { type Place, runAt, type Scheduler } from './time/scheduler.ts';

/** A node's way to the database. */
export type DatabaseLink = { isUp: boolean };

export type SimulatedDatabaseOptions = Readonly<{
  /** The one session of the embedded database, for as long as the simulation lasts. */
  raw: Session;
  scheduler: Scheduler;
  random: () => number;
  faults: Faults;
  /** Told of each statement, and of what becomes of it. */
  note: (what: () => string) => void;
  /** A bug: a commit is answered before it is carried out. */
  acknowledgesEarly: boolean;
}>;

type Connection = {
  readonly place: Place;
  readonly begin: () => void;
  isLost: boolean;
  inTransaction: boolean;
  isAborted: boolean;
  /** When the statements so far are done. */
  last: Promise<unknown>;
  readonly end: () => void;
  readonly pending: Set<(error: Error) => void>;
};
/** What is asked: `commits` says whether it does, given whether a transaction is open. */
type Statement<T> = Readonly<{
  text: string;
  run: () => Promise<T>;
  commits: (inTransaction: boolean) => boolean;
  begins?: boolean;
  ends?: boolean;
  isAlone?: boolean;
}>;

/** How long a commit takes that is answered before. */
const EARLY_MS = 40;
/** Of a statement that is noted. */
const SHOWN = 100;

/** As PostgreSQL's pool of one node; the embedded database serves one transaction at a time. */
const POOL_SIZE = 8;

const lostConnection = () => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
const deadlock = () => Object.assign(new Error('deadlock detected'), { code: '40P01', severity: 'ERROR' });
const aborted = () => Object.assign(new Error('current transaction is aborted'), { code: '25P02', severity: 'ERROR' });

/**
 * The database of all nodes, at the other end of a network. Each statement and each commit may be lost before it is carried out, or after; a
 * connection that is lost rolls back what it has not committed, and so does the crash of the node that holds it.
 */
export class SimulatedDatabase {
  /** PostgreSQL sets its timers by what it did in earlier simulations, such as the last report of statistics; none of them is needed. */
  readonly place: Place = { name: 'database', skewMs: 0, isAlive: true, isStill: true };
  readonly #options: SimulatedDatabaseOptions;
  readonly #waiting: Connection[] = [];
  #holder: Connection | undefined;
  statements = 0;

  constructor(options: SimulatedDatabaseOptions) {
    this.#options = options;
  }

  /** What a node takes for its pool. */
  poolOf(place: Place, link: DatabaseLink): SessionPool {
    const turns = new Turns({ places: POOL_SIZE });
    return {
      use: inTurn(turns, async (work) => {
        const connection = await this.#connect(place, link);
        try {
          return await work(this.#sessionOf(connection));
        } finally {
          connection.end();
        }
      }),
      end: async () => {},
    };
  }

  /** The connections of this place break: it has crashed, or cannot reach the database any more. */
  cut(place: Place): void {
    for (const connection of [...this.#waiting, this.#holder]) if (connection?.place === place) this.#lose(connection);
  }

  /** Asks past all faults, as the owner of the database, when no node is in the middle of something. */
  async asOwner<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { raw } = this.#options;
    const connection = await this.#connect(this.place, { isUp: true });
    try {
      return await runAt(this.place, async () => {
        await raw.script('reset role');
        const answer = await work(raw);
        await raw.script(RUNTIME_SESSION);
        return answer;
      });
    } finally {
      connection.end();
    }
  }

  #connect(place: Place, link: DatabaseLink): Promise<Connection> {
    const { scheduler } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const refuse = (error: Error) => void scheduler.after(1, place, () => reject(new NoSessionError(error)));
    const connection: Connection = {
      place,
      isLost: false,
      inTransaction: false,
      isAborted: false,
      last: Promise.resolve(),
      pending: new Set([refuse]),
      begin: () => {
        connection.pending.delete(refuse);
        resolve(connection);
      },
      end: () => void connection.last.then(() => this.#end(connection)),
    };
    scheduler.after(this.#delay(), place, () => {
      if (!link.isUp) return refuse(new Error('connect ECONNREFUSED'));
      this.#waiting.push(connection);
      this.#next();
    });
    return promise;
  }

  /** Of those that wait, one that the seed chooses. */
  #next(): void {
    if (this.#holder !== undefined || this.#waiting.length === 0) return;
    const [chosen] = this.#waiting.splice(Math.floor(this.#options.random() * this.#waiting.length), 1);
    this.#holder = chosen;
    chosen?.begin();
  }

  #end(connection: Connection): void {
    // One that is lost ends when the server has rolled back.
    if (this.#holder !== connection || connection.isLost) return;
    this.#giveOn();
  }

  #giveOn(): void {
    this.#holder = undefined;
    this.#next();
  }

  #lose(connection: Connection): void {
    if (connection.isLost) return;
    connection.isLost = true;
    const at = this.#waiting.indexOf(connection);
    if (at >= 0) this.#waiting.splice(at, 1);
    for (const fail of connection.pending) fail(lostConnection());
    connection.pending.clear();
    if (this.#holder !== connection) return;
    // Whoever comes next finds the session as a new one.
    this.#options.scheduler.after(0, this.place, () => {
      void this.#options.raw.script(`rollback; ${RUNTIME_SESSION}`).then(() => this.#giveOn());
    });
  }

  #sessionOf(connection: Connection): Session {
    const { raw } = this.#options;
    const ask = <T>(statement: Statement<T>): Promise<T> => this.#ask(connection, statement);
    const query: Session['query'] = (text, params) =>
      ask({ text, run: () => raw.query(text, params), commits: (inTransaction) => !inTransaction, isAlone: true });
    return {
      query,
      inAccount: (account, access, text, params, name) =>
        ask({ text, run: () => raw.inAccount(account, access, text, params, name), commits: () => access === 'write' }),
      script(text) {
        const ends = /\b(commit|rollback)\b/.test(text);
        return ask({ text, run: () => raw.script(text), commits: () => /\bcommit\b/.test(text), begins: /\bbegin\b/.test(text), ends });
      },
      db: kyselyOn(query),
    };
  }

  /** One after the other, as on one connection. */
  #ask<T>(connection: Connection, statement: Statement<T>): Promise<T> {
    const { scheduler } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { place } = connection;
    if (connection.isLost) {
      scheduler.after(0, place, () => reject(lostConnection()));
      return promise;
    }
    const fail = (error: Error) => void scheduler.after(this.#delay(), place, () => reject(error));
    connection.pending.add(fail);
    const answer = (give: () => void) => {
      connection.pending.delete(fail);
      scheduler.after(this.#delay(), place, give);
    };
    const before = connection.last;
    const arrived = new Promise<void>((go) => scheduler.after(this.#delay(), this.place, go));
    connection.last = Promise.all([before, arrived]).then(async () => {
      if (connection.isLost) return;
      try {
        const answered = await this.#perform(connection, statement, (early) => answer(() => resolve(early)));
        if (!connection.isLost) answer(() => resolve(answered));
      } catch (error) {
        answer(() => reject(error));
      }
    });
    return promise;
  }

  async #perform<T>(
    connection: Connection,
    { text, run, commits, begins, ends, isAlone }: Statement<T>,
    early: (answer: T) => void,
  ): Promise<T> {
    const { faults, random, raw, acknowledgesEarly, note } = this.#options;
    const there = <R>(work: () => Promise<R>): Promise<R> => runAt(this.place, work);
    this.statements += 1;
    const isCommit = commits(connection.inTransaction);
    const fault = statementFault(faults, isCommit, random);
    note(() => `${connection.place.name}, ${fault}: ${text.trim().replace(/\s+/g, ' ').slice(0, SHOWN)}`);
    if (fault === 'lost') {
      this.#lose(connection);
      throw lostConnection();
    }
    if (connection.isAborted && ends !== true) throw aborted();
    connection.isAborted = false;
    if (fault === 'deadlock' && begins !== true && ends !== true) {
      if (connection.inTransaction) await there(() => raw.script('rollback'));
      // The server refuses the rest of the transaction.
      connection.isAborted = connection.inTransaction;
      throw deadlock();
    }
    if (acknowledgesEarly && isCommit && (isAlone === true || ends === true)) {
      if (isAlone === true) await there(() => raw.script('begin'));
      early(isAlone === true ? await there(run) : (undefined as T));
      await new Promise<void>((go) => this.#options.scheduler.after(EARLY_MS * random(), this.place, go));
      if (connection.isLost) throw lostConnection();
      if (isAlone === true) {
        await there(() => raw.script('commit'));
        throw lostConnection();
      }
    }
    const answered = await there(run);
    if (begins === true) connection.inTransaction = true;
    if (ends === true) connection.inTransaction = false;
    if (fault === 'unheard') {
      this.#lose(connection);
      throw lostConnection();
    }
    return answered;
  }

  #delay(): number {
    return 0.05 + this.#options.random() * this.#options.faults.databaseMs;
  }
}
