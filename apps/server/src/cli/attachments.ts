import { parseArgs } from 'node:util';
import { collectAttachments, collectPorts } from '@coucou/application/attachments/collect-attachments';
import { FileStore } from '@coucou/application/ports/file-store';
import { loadProcessConfig } from '../config.ts';
import { openStore } from '../start/files.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, CommandError, print } from './command.ts';
import { openDatabase } from './open-database.ts';

const help = `pnpm cli attachments reconcile             removes what nobody needs: uploads given up, files that no message uses, files that no attachment names
pnpm cli attachments reconcile --dry-run   says what would be removed, and removes nothing

Also names attachments whose file is gone from the store; the exit code is 1 then. It may run beside servers on PostgreSQL; with the
embedded database the server must be stopped. The server itself does the removing every ten minutes.`;

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export const attachments: Command = {
  name: 'attachments',
  summary: 'Bring the files of attachments and the database together again.',
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (positionals.length !== 1 || positionals[0] !== 'reconcile') throw new CommandError(`say what to do:\n\n${help}`);
    const dryRun = values['dry-run'];
    const undo: Undo = [];
    try {
      const config = loadProcessConfig();
      const container = await openDatabase(config, undo);
      const { store, bucket } = openStore(config);
      container.provide(FileStore, () => store);
      undo.push(async () => bucket?.close());
      const { expired, strayFiles, lost } = await collectAttachments(container.portsOf(collectPorts), { files: true, rows: true, dryRun });
      const done = dryRun ? 'would be removed' : 'removed';
      print(`${plural(expired, 'attachment')} that nobody uses ${done}`);
      print(`${plural(strayFiles, 'file')} that no attachment names ${done}`);
      for (const id of lost) print(`lost: the file of attachment ${id} is not in the store`);
      if (lost.length > 0)
        throw new CommandError(`${plural(lost.length, 'attachment has', 'attachments have')} no file; bring the store back from a back-up`);
    } finally {
      await unwind(undo, (error) => print(`could not be closed: ${String(error)}`));
    }
  },
};
