import { PGlite, types } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { kyselyOn, type Session, type SessionPool, setAccount } from './session.ts';
import type { Tables } from '../tables.ts';

export type PgliteOptions = Readonly<{
  /** Absent: the database lives in memory. */
  directory?: string;
  /** A migrated database to start from (`dumpDataDir`). */
  load?: Blob;
}>;

export type PglitePool = SessionPool & Readonly<{ dump(): Promise<Blob> }>;

/** An embedded PostgreSQL with one connection: sessions are exclusive. */
export async function createPglitePool({ directory, load }: PgliteOptions): Promise<PglitePool> {
  const lite = await PGlite.create({
    ...(directory === undefined ? {} : { dataDir: directory }),
    ...(load === undefined ? {} : { loadDataDir: load }),
    parsers: { [types.INT8]: Number },
    extensions: { pg_trgm },
  });
  const query: Session['query'] = async (text, params = []) => {
    const result = await lite.query(text, params as unknown[]);
    return { rows: result.rows as never[], rowCount: result.affectedRows ?? result.rows.length };
  };
  const session: Session = {
    query,
    async inAccount(account, access, text, params) {
      await lite.exec(`begin${access === 'read' ? ' read only' : ''}; ${setAccount(account)}`);
      try {
        const answer = await query<never>(text, params);
        await lite.exec('commit');
        return answer;
      } catch (error) {
        await lite.exec('rollback');
        throw error;
      }
    },
    script: async (text) => void (await lite.exec(text)),
    db: kyselyOn<Tables>(query),
  };

  let last: Promise<unknown> = Promise.resolve();
  const use: SessionPool['use'] = (work) => {
    const mine = last.then(() => work(session));
    last = mine.catch(() => {});
    return mine;
  };
  return {
    use,
    end: () => use(() => lite.close()),
    dump: () => use(async () => lite.dumpDataDir('none')),
  };
}
