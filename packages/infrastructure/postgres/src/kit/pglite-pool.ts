import type { Tracer } from '@coucou/application/ports/tracer';
import { type PGlite, types } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { NoSessionError } from './errors.ts';
import { kyselyOn, type Session, type SessionPool, setAccount } from './session.ts';
import { traced } from './traced-session.ts';
import { inTurn, Turns } from './turns.ts';
import { openVerbatim } from './verbatim-pglite.ts';
import type { Tables } from '../tables.ts';

export type PgliteOptions = Readonly<{
  /** Absent: the database lives in memory. */
  directory?: string;
  /** A migrated database to start from (`dumpDataDir`). */
  load?: Blob;
  /** Runs whenever a database on disk is opened again. */
  onReopen?: string;
  /** Absent: statements are no part of traces. */
  tracer?: Tracer | undefined;
}>;

export type PglitePool = SessionPool & Readonly<{ dump(): Promise<Blob> }>;

/** After a PANIC, such as a full disk under its log, it answers nonsense or nothing at all; a `RuntimeError` is WebAssembly's own. */
const isBroken = (error: unknown): boolean => {
  const { severity = '', name = '' } = error as { severity?: string; name?: string };
  return name === 'RuntimeError' || severity === 'PANIC' || severity === 'FATAL';
};

/** Opening recovers the log, which takes the processor for a while and fails again while the disk is full. */
const REOPEN_EVERY_MS = 5_000;

/** An embedded PostgreSQL with one connection: sessions are exclusive. One that broke is opened again from its directory. */
export async function createPglitePool({ directory, load, onReopen = '', tracer }: PgliteOptions): Promise<PglitePool> {
  const open = (from: Blob | undefined) =>
    openVerbatim({
      ...(directory === undefined ? {} : { dataDir: directory }),
      ...(from === undefined ? {} : { loadDataDir: from }),
      parsers: { [types.INT8]: Number },
      extensions: { pg_trgm },
    });
  let lite: PGlite | undefined = await open(load);
  let broke: unknown;
  let retryAt = 0;

  /** A broken one is left as it is: even closing it may never end. */
  async function on<T>(work: (database: PGlite) => Promise<T>): Promise<T> {
    if (lite === undefined) throw new NoSessionError(broke);
    try {
      return await work(lite);
    } catch (error) {
      if (isBroken(error)) [lite, broke, retryAt] = [undefined, error, performance.now() + REOPEN_EVERY_MS];
      throw error;
    }
  }

  async function reopen(): Promise<void> {
    if (lite !== undefined || directory === undefined || performance.now() < retryAt) return;
    try {
      lite = await open(undefined);
      await lite.exec(onReopen);
    } catch (error) {
      [lite, broke, retryAt] = [undefined, error, performance.now() + REOPEN_EVERY_MS];
    }
  }

  const exec = (text: string) => on(async (database) => void (await database.exec(text)));
  const query: Session['query'] = async (text, params = []) => {
    const result = await on((database) => database.query(text, params as unknown[]));
    return { rows: result.rows as never[], rowCount: result.affectedRows ?? result.rows.length };
  };
  const statements = traced(tracer, {
    query,
    async inAccount(account, access, text, params) {
      await exec(`begin${access === 'read' ? ' read only' : ''}; ${setAccount(account)}`);
      try {
        const answer = await query<never>(text, params);
        await exec('commit');
        return answer;
      } catch (error) {
        // Where the database itself failed, so may this; the first error says why.
        await exec('rollback').catch(() => {});
        throw error;
      }
    },
    script: exec,
  });
  const session: Session = { ...statements, db: kyselyOn<Tables>(statements.query) };

  const turns = new Turns({ places: 1, isBlocking: true });
  let busy = 0;
  const use = inTurn(turns, async (work) => {
    busy = 1;
    try {
      await reopen();
      return await work(session);
    } finally {
      busy = 0;
    }
  });
  return {
    use,
    load: () => ({ busy, idle: 1 - busy, waiting: turns.waiting }),
    end: () => use(async () => lite?.close()),
    dump: () => use(() => on((database) => database.dumpDataDir('none'))),
  };
}
