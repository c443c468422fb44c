import { createPglitePool, type PglitePool } from '@coucou/postgres/kit/pglite-pool';
import type { Session } from '@coucou/postgres/kit/session';
import { migratedImage } from './image.ts';

/** An embedded database, and the tables that were empty when it was new. */
type Lent = Readonly<{ pool: PglitePool; tables: readonly string[] }>;

/** The one that the last test file of this worker gave back. */
let idle: Lent | undefined;

/**
 * An embedded database that holds what the migrations put there. Ending it empties it for the next file that this worker runs, which
 * takes a tenth of the time that another copy would. The schema must stay as it is: features with tables of their own take a copy.
 */
export async function borrowPglite(): Promise<PglitePool> {
  const lent = idle ?? (await open());
  idle = undefined;
  return {
    ...lent.pool,
    async end() {
      if (idle !== undefined) return lent.pool.end();
      await lent.pool.use(
        (
          session, // Without triggers: what refuses to be emptied is emptied all the same.
        ) =>
          session.script(
            `reset role; reset all; set session_replication_role = replica; truncate ${lent.tables.join()} restart identity; reset session_replication_role`,
          ),
      );
      idle = lent;
    },
  };
}

async function open(): Promise<Lent> {
  const pool = await createPglitePool({ load: await migratedImage() });
  return { pool, tables: await pool.use(emptyTables) };
}

async function emptyTables(session: Session): Promise<string[]> {
  const { rows: tables } = await session.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  const looks = tables.map(({ name }) => `select '${name}' as name where not exists (select from ${name})`);
  const { rows: empty } = await session.query<{ name: string }>(looks.join(' union all '));
  return empty.map(({ name }) => name);
}
