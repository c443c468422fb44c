import { type AdminCommandName, adminCommands } from '../admin/commands.ts';
import { callAdminSocket } from '../admin/admin-client.ts';
import { loadProcessConfig } from '../config.ts';
import { prepareDataDir } from '../start/data-dir.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, print } from './command.ts';
import { openDatabase } from './open-database.ts';
import { progressOn } from './progress.ts';

/**
 * A command that runs in the server process when that holds the embedded database, and otherwise opens the database; `output` gets its lines.
 */
export function administer(name: AdminCommandName, output = print): Command {
  const { help, prepare, usesFiles = false, usesKeys = false, localize = (args) => args } = adminCommands[name];
  return {
    help,
    async run(given) {
      const args = localize(given);
      const work = prepare(args);
      const config = loadProcessConfig();
      const isEmbedded = config.database.kind === 'embedded';
      if (isEmbedded && (await callAdminSocket(config.dataDir, { command: name, args }, output))) return;
      const undo: Undo = [];
      try {
        if (isEmbedded) await prepareDataDir(config.dataDir);
        const ports = await openDatabase(config, undo);
        if (usesFiles) undo.push(await (await import('./provide-files.ts')).provideFiles(ports, config));
        if (usesKeys) await (await import('./provide-keys.ts')).provideKeys(ports, config);
        await work({ ports, print: output, progress: progressOn() });
      } finally {
        await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
      }
    },
  };
}
