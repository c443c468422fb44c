import { join } from 'node:path';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import type { Config } from '../config.ts';
import { explainDatabaseError } from '../start/database.ts';
import { lockDataDir } from '../start/lock.ts';
import type { Undo } from '../start/undo.ts';

/** For commands that work on the database beside or instead of a server. Nobody is told of anything, and nothing is migrated. */
export async function openDatabase({ database, dataDir }: Config, undo: Undo): Promise<Storage> {
  const options = { live: { publish: () => {} }, durable: new Set<never>() };
  if (database.kind === 'embedded') undo.push(await lockDataDir(dataDir));
  try {
    const storage = await openStorage({
      ...options,
      database: database.kind === 'embedded' ? { embedded: { directory: join(dataDir, 'database') } } : { url: database.url },
    });
    undo.push(() => storage.close());
    return storage;
  } catch (error) {
    throw database.kind === 'embedded' ? error : explainDatabaseError(error, database);
  }
}
