import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createPglitePool, type PglitePool } from '@coucou/postgres/kit/pglite-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { migratedImage } from '../support/image.ts';

/** The pools of one node, and a way to look behind the curtain. */
export type EnginePools = {
  readonly main: SessionPool;
  readonly log: SessionPool;
  readonly contended: SessionPool;
  /** May take any role of the product; starts as the owner of the schema. */
  readonly owner: SessionPool;
  close(): Promise<void>;
};

export async function openPglite(): Promise<EnginePools & { pool: PglitePool }> {
  const pool = await createPglitePool({ load: await migratedImage() });
  await pool.use((session) => session.script(RUNTIME_SESSION));
  const owner: SessionPool = {
    use: (work) =>
      pool.use(async (session) => {
        await session.script('reset role');
        try {
          return await work(session);
        } finally {
          await session.script(RUNTIME_SESSION);
        }
      }),
    end: async () => {},
  };
  return { pool, main: pool, log: pool, contended: pool, owner, close: () => pool.end() };
}

export function openPostgres({ url, ownerUrl }: Pick<Database, 'url' | 'ownerUrl'>): EnginePools {
  const runtime = (max: number) => createPgPool({ url, max, onConnect: RUNTIME_SESSION });
  const engine = { main: runtime(4), log: runtime(2), contended: runtime(2), owner: createPgPool({ url: ownerUrl, max: 2 }) };
  return { ...engine, close: async () => void (await Promise.all(Object.values(engine).map((pool) => pool.end()))) };
}

/** On a database of its own, which goes with the pools. */
export async function openOwnPostgres(): Promise<EnginePools> {
  const database = await createDatabase();
  const pools = openPostgres(database);
  return {
    ...pools,
    async close() {
      await pools.close();
      await database.drop();
    },
  };
}

/** For a table over the engines that this run asks for: PostgreSQL, and PGlite too where the project is run whole. */
export const engines = [
  ...(process.env['EVERY_ENGINE'] ? ([['PGlite', openPglite]] as const) : []),
  ['PostgreSQL', openOwnPostgres],
] as const;
