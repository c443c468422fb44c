import { join } from 'node:path';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { takeNodeLock } from '@coucou/postgres/node-lock';
import type { Config } from '../config.ts';
import { prepareDataDir } from '../start/data-dir.ts';
import type { PostgresAddress } from '../start/database.ts';
import { lockDataDir } from '../start/lock.ts';
import type { Undo } from '../start/undo.ts';

/** To read or write all of a large database takes minutes. */
const LONG_SECONDS = 86_400;

/** With the owner's rights, while no server runs. */
export async function openOwner({ database, dataDir }: Pick<Config, 'database' | 'dataDir'>, undo: Undo): Promise<SessionPool> {
  if (database.kind === 'embedded') {
    await lockEmbedded(dataDir, undo);
    const pool = await createPglitePool({ directory: join(dataDir, 'database') });
    undo.push(() => pool.end());
    return pool;
  }
  await excludeServers(database, undo);
  const pool = createPgPool({ url: database.ownerUrl, max: 1, statementTimeout: LONG_SECONDS, lockTimeout: LONG_SECONDS });
  undo.push(() => pool.end());
  return pool;
}

export async function lockEmbedded(dataDir: string, undo: Undo): Promise<void> {
  await prepareDataDir(dataDir);
  undo.push(await lockDataDir(dataDir));
}

async function excludeServers({ ownerUrl: url }: PostgresAddress, undo: Undo): Promise<void> {
  const ignored = () => {};
  const lock = await takeNodeLock({ url, isShared: false, onLost: ignored, onRegained: ignored, onTaken: ignored });
  undo.push(() => lock.release());
}
