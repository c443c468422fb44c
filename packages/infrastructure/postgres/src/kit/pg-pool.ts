import type { Tracer } from '@coucou/application/ports/tracer';
import pg from 'pg';
import { parseInstant } from './instant.ts';
import { askInAccount, PREPARE_ACCOUNTS } from './account-query.ts';
import type { Connections } from './connections.ts';
import { isConnectionError, isReadOnly, isStale, NoSessionError } from './errors.ts';
import { kyselyOn, type Rows, type Session, type SessionPool } from './session.ts';
import { traced } from './traced-session.ts';
import { createStatementNames } from './statement-names.ts';
import type { Tables } from '../tables.ts';
import { inTurn, type Turns } from './turns.ts';

// Counters stay below 2^53: numbers, not strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, parseInstant);

export type PgPoolOptions = Readonly<{
  url: string;
  max: number;
  /** Statement timeout, in seconds. */
  statementTimeout?: number;
  /** Lock timeout, in seconds. */
  lockTimeout?: number;
  /** How long a new connection may take, in seconds. */
  connectTimeout?: number;
  /** Seconds after which a connection that does not answer is given up; absent: never, the server ends what takes too long. */
  answerTimeout?: number;
  /** Runs once on every new connection. */
  onConnect?: string;
  /** The fair queue in front of the pool; without it, first come, first served. */
  turns?: Turns;
  /** Called for connections that broke while idle. */
  onIdleError?: (error: Error) => void;
  /** Asked before every use; a rejection refuses it. Undefined: allowed, without a wait. */
  guard?: () => Promise<void> | undefined;
  /** Those of all pools to this server. */
  connections?: Connections;
  /** Absent: statements are no part of traces. */
  tracer?: Tracer | undefined;
}>;

/**
 * The role that serves requests; it owns nothing and bypasses nothing. `synchronous_commit` is set, since acks promise durable commits. `jit` is off:
 * in large conversations the estimates of statements that read a few rows pass `jit_above_cost`, and each then compiles for seconds.
 */
export const RUNTIME_SESSION = `set role coucou_app; set synchronous_commit = on; set jit = off; set timezone = 'UTC'`;

export function createPgPool(options: PgPoolOptions): SessionPool {
  const { url, max, statementTimeout = 15, lockTimeout = 5, connectTimeout = 5, answerTimeout } = options;
  const { onConnect, turns, onIdleError, guard, connections, tracer } = options;
  // The pool awaits the returned promise, though its types do not say so.
  const prepare = (client: pg.ClientBase): unknown => client.query(`${PREPARE_ACCOUNTS}; ${onConnect ?? ''}`);
  const pool = new pg.Pool({
    connectionString: url,
    max,
    ...(connections && { Client: connections.Client }),
    pipeline: true,
    application_name: 'coucou',
    connectionTimeoutMillis: connectTimeout * 1000,
    ...(answerTimeout !== undefined && { query_timeout: answerTimeout * 1000 }),
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: statementTimeout * 1000,
    lock_timeout: lockTimeout * 1000,
    idle_in_transaction_session_timeout: 30_000,
    onConnect: prepare,
  });
  pool.on('error', (error) => onIdleError?.(error));

  const names = createStatementNames();
  const sessions = new WeakMap<pg.PoolClient, Session>();
  const sessionOf = (client: pg.PoolClient): Session => {
    const known = sessions.get(client);
    if (known !== undefined) return known;
    const session = sessionOn(client, names.nameOf, tracer);
    sessions.set(client, session);
    return session;
  };

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw new NoSessionError(error);
    }
  };

  async function withClient<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const allowed = guard?.();
    if (allowed !== undefined) await allowed;
    const client = await connect();
    let broken: Error | undefined;
    // A backend that dies while the client is in use emits `error`; unhandled, it would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      return await work(sessionOf(client));
    } catch (error) {
      // A failure may leave a transaction open: such a connection is not reused. Nor is one to a read-only server.
      if (isStale(error)) names.forget();
      if (isConnectionError(error) || isReadOnly(error) || isStale(error)) broken ??= error as Error;
      throw error;
    } finally {
      client.off('error', onError);
      if (broken !== undefined) client.on('error', () => {});
      client.release(broken);
    }
  }

  return {
    use: turns === undefined ? withClient : inTurn(turns, withClient),
    load: () => ({
      busy: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount + (turns?.waiting ?? 0),
    }),
    end: () => pool.end(),
  };
}

function sessionOn(client: pg.PoolClient, nameOf: (text: string) => string | undefined, tracer: Tracer | undefined): Session {
  const statements = traced(tracer, {
    async query<R>(text: string, params: readonly unknown[] = [], name?: string): Promise<Rows<R>> {
      const values = params as unknown[];
      const result = await client.query(name === undefined ? { text, values } : { name, text, values });
      return { rows: result.rows as R[], rowCount: result.rowCount ?? 0 };
    },
    inAccount: (account, access, text, values, name) => askInAccount(client, { account, access, text, values, name }),
    script: async (text) => void (await client.query(text)),
  });
  return { ...statements, db: kyselyOn<Tables>((text, params) => statements.query(text, params, nameOf(text))) };
}
