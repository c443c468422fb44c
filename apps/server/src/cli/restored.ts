import { parseArgs } from 'node:util';
import { acknowledgePlace } from '@coucou/postgres/deployment';
import { loadProcessConfig } from '../config.ts';
import { explainDatabaseError } from '../start/database.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, print } from './command.ts';
import { openOwner } from './open-owner.ts';

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
      const pool = await openOwner(config, undo);
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
