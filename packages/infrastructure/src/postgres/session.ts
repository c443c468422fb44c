import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Tables } from './tables.ts';

export type Rows<R> = Readonly<{ rows: R[]; rowCount: number }>;

/** One connection to the database, whatever the driver. */
export interface Session {
  /** With a name the statement is prepared once per connection. */
  query<R>(text: string, params?: readonly unknown[], name?: string): Promise<Rows<R>>;
  /** Statements without parameters, in one round trip. */
  script(text: string): Promise<void>;
  readonly db: Kysely<Tables>;
}

/** Lends sessions; a session whose connection broke is thrown away. */
export interface SessionPool {
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** A Kysely that compiles as usual and runs on this one session; it has no pool and no transactions of its own. */
export function kyselyOn<DB>(query: Session['query']): Kysely<DB> {
  const connection: DatabaseConnection = {
    async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, rowCount } = await query<R>(compiled.sql, compiled.parameters);
      return { rows, numAffectedRows: BigInt(rowCount) };
    },
    streamQuery() {
      throw new Error('streaming is not supported');
    },
  };
  const nothing = async () => {};
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => ({
      init: nothing,
      acquireConnection: async () => connection,
      beginTransaction: async () => void (await query('begin')),
      commitTransaction: async () => void (await query('commit')),
      rollbackTransaction: async () => void (await query('rollback')),
      releaseConnection: nothing,
      destroy: nothing,
    }),
  };
  return new Kysely<DB>({ dialect });
}
