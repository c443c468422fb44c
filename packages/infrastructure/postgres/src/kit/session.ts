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
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Tables } from '../tables.ts';

export type Rows<R> = Readonly<{ rows: R[]; rowCount: number }>;

/** What a statement may do. */
export type Access = 'read' | 'write';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** For a transaction that has begun. */
export const setAccount = (account: AccountId): string => {
  if (!UUID.test(account)) throw new Error('an account id is a UUID in lower case');
  return `set local app.account_id = '${account}'`;
};

/** One connection to the database, whatever the driver. */
export interface Session {
  /** With a name the statement is prepared once per connection. */
  query<R>(text: string, params?: readonly unknown[], name?: string): Promise<Rows<R>>;
  /** One statement in one account, a transaction of its own in one round trip. */
  inAccount<R>(account: AccountId, access: Access, text: string, params: readonly unknown[], name: string): Promise<Rows<R>>;
  /** Statements without parameters, in one round trip. */
  script(text: string): Promise<void>;
  readonly db: Kysely<Tables>;
}

export type PoolLoad = Readonly<{ busy: number; idle: number /** Work that waits for a session. */; waiting: number }>;

/** A pool of sessions; one whose connection broke is discarded. */
export interface SessionPool {
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Absent where nobody asks. */
  load?(): PoolLoad;
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
