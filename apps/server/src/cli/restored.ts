import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { acknowledgePlace } from '@coucou/postgres/deployment';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { takeNodeLock } from '@coucou/postgres/node-lock';
import { type Config, loadProcessConfig } from '../config.ts';
import { prepareDataDir } from '../start/data-dir.ts';
import { explainDatabaseError } from '../start/database.ts';
import { lockDataDir } from '../start/lock.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, print } from './command.ts';

const help = `pnpm cli restored                after the database was restored from a back-up, or copied: gives it a new epoch
pnpm cli restored --keep-epoch   after a fail-over that lost nothing: only ends the warning at start

A client that holds another epoch drops what it holds at its next sync and starts over: the restored state may have gone another way under
the same versions. Stop the server first; it reads the epoch when it starts. DATABASE_OWNER_URL (or DATABASE_URL) says where.`;

export const restored: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { 'keep-epoch': { type: 'boolean', default: false } } });
    const keepEpoch = values['keep-epoch'];
    const undo: Undo = [];
    const config = loadProcessConfig();
    try {
      const pool = await open(config, undo);
      const epoch = await pool.use((session) => acknowledgePlace(session, { keepEpoch }));
      print(
        keepEpoch ? `The epoch is still ${epoch}: clients go on with what they hold.` : `The epoch is now ${epoch}: clients start over.`,
      );
    } catch (error) {
      throw config.database.kind === 'embedded' ? error : explainDatabaseError(error, config.database);
    } finally {
      await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
    }
  },
};

/** With the owner's rights, while no server runs. */
async function open({ database, dataDir }: Config, undo: Undo): Promise<SessionPool> {
  if (database.kind === 'embedded') {
    await prepareDataDir(dataDir);
    undo.push(await lockDataDir(dataDir));
    const pool = await createPglitePool({ directory: join(dataDir, 'database') });
    undo.push(() => pool.end());
    return pool;
  }
  const ignored = () => {};
  const lock = await takeNodeLock({ url: database.ownerUrl, isShared: false, onLost: ignored, onRegained: ignored, onTaken: ignored });
  undo.push(() => lock.release());
  const pool = createPgPool({ url: database.ownerUrl, max: 1 });
  undo.push(() => pool.end());
  return pool;
}
