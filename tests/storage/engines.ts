import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { migrateSession } from '@coucou/infrastructure/postgres/migrate';
import { createPgPool, RUNTIME_SESSION } from '@coucou/infrastructure/postgres/pg-pool';
import { createPglitePool, type PglitePool } from '@coucou/infrastructure/postgres/pglite-pool';
import type { SessionPool } from '@coucou/infrastructure/postgres/session';
import type { Database } from '../support/template.ts';

/** The pools of one node, and a way to look behind the curtain. */
export type Engine = {
  readonly main: SessionPool;
  readonly log: SessionPool;
  readonly waiting: SessionPool;
  /** May take any role of the product; starts as the owner of the schema. */
  readonly owner: SessionPool;
  close(): Promise<void>;
};

const cache = path.resolve(import.meta.dirname, '../../.cache');
const sources = path.resolve(import.meta.dirname, '../../packages/infrastructure/src/postgres');

/** Changes with whatever shapes a freshly migrated database. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(path.join(sources, 'migrate.ts')));
  for (const name of (await readdir(path.join(sources, 'migrations'))).toSorted()) {
    hash.update(name).update(await readFile(path.join(sources, 'migrations', name)));
  }
  return hash
    .update(await readFile(path.resolve(import.meta.dirname, '../../pnpm-lock.yaml')))
    .digest('hex')
    .slice(0, 16);
}

/** A migrated database to start from: loading one takes a fifth of the time that making one does. */
export async function migratedDump(): Promise<Blob> {
  const file = path.join(cache, `pglite-${await fingerprint()}.tar`);
  if (!existsSync(file)) {
    const pool = await createPglitePool({});
    await pool.use((session) => migrateSession(session));
    const dump = await pool.dump();
    await pool.end();
    await mkdir(cache, { recursive: true });
    // Test files run side by side: what is found under the final name is whole.
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, Buffer.from(await dump.arrayBuffer()));
    await rename(unfinished, file);
  }
  return new Blob([await readFile(file)]);
}

export async function openPglite(): Promise<Engine & { pool: PglitePool }> {
  const pool = await createPglitePool({ load: await migratedDump() });
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
  return { pool, main: pool, log: pool, waiting: pool, owner, close: () => pool.end() };
}

export function openPostgres({ url, ownerUrl }: Pick<Database, 'url' | 'ownerUrl'>): Engine {
  const runtime = (max: number) => createPgPool({ url, max, onConnect: RUNTIME_SESSION });
  const engine = { main: runtime(4), log: runtime(2), waiting: runtime(2), owner: createPgPool({ url: ownerUrl, max: 2 }) };
  return { ...engine, close: async () => void (await Promise.all(Object.values(engine).map((pool) => pool.end()))) };
}
