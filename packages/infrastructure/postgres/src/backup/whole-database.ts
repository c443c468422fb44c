import type { Session, SessionPool } from '../kit/session.ts';

/** The login does not see every row. */
export class HiddenRowsError extends Error {}

const INSUFFICIENT_PRIVILEGE = '42501';

/** With the rights of the login, whatever role the session is in. Without row-level security: where it binds the login, PostgreSQL fails instead of leaving rows out. */
const BEGIN = `begin isolation level repeatable read read only; set local role none; set local row_security = off; set local jit = off; set local work_mem = '128MB'`;

/** By which the owner of the tables, who is under their policies otherwise, sees every row; taken back at the end. */
const UNFORCE = `
  do $unforce$
  declare forced regclass;
  begin
    for forced in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relforcerowsecurity loop
      execute format('alter table %s no force row level security', forced);
    end loop;
  end $unforce$`;

/** The same with the owner's rights, while nobody else uses the database: its tables are locked meanwhile. */
export const readWholeAsOwner = <T>(pool: SessionPool, work: (session: Session) => Promise<T>): Promise<T> =>
  pool.use(async (session) => {
    await session.script(
      `begin isolation level repeatable read; ${UNFORCE}; set local row_security = off; set local jit = off; set local work_mem = '128MB'`,
    );
    try {
      return await work(session);
    } finally {
      await session.script('rollback').catch(() => {});
    }
  });

/** Reads all accounts as they are at one moment; throws a `HiddenRowsError` for a login that row-level security binds. */
export const readWhole = <T>(pool: SessionPool, work: (session: Session) => Promise<T>): Promise<T> =>
  pool.use(async (session) => {
    await session.script(BEGIN);
    try {
      return await work(session);
    } catch (error) {
      if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error;
      throw new HiddenRowsError(`the login may not read every row (${(error as Error).message})`, { cause: error });
    } finally {
      await session.script('rollback').catch(() => {});
    }
  });
