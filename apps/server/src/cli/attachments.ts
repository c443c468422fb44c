import { parseArgs } from 'node:util';
import { collectAttachments, collectPorts } from '@coucou/application/attachments/collect-attachments';
import { FileStore } from '@coucou/application/ports/file-store';
import { RunningUploads } from '@coucou/application/ports/running-uploads';
import { createRunningUploads } from '@coucou/files/running-uploads';
import { loadProcessConfig } from '../config.ts';
import { openStore } from '../start/files.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, CommandError, print } from './command.ts';
import { openDatabase } from './open-database.ts';

const help = `pnpm cli attachments reconcile             remove orphans: abandoned uploads, attachments that no message uses, files without an attachment
pnpm cli attachments reconcile --dry-run   print what would be removed, and remove nothing

Also lists attachments whose file is missing from the store; the exit code is then 1. Safe to run while servers use PostgreSQL; with the
embedded database, stop the server first. The server itself removes orphans every ten minutes.`;

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export const attachments: Command = {
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (positionals.length !== 1 || positionals[0] !== 'reconcile') throw new CommandError(`name a subcommand:\n\n${help}`);
    const dryRun = values['dry-run'];
    const undo: Undo = [];
    try {
      const config = loadProcessConfig();
      const container = await openDatabase(config, undo);
      const { store, bucket } = openStore(config);
      container.provide(FileStore, () => store);
      container.provide(RunningUploads, createRunningUploads);
      undo.push(async () => bucket?.close());
      const { expired, strayFiles, lost } = await collectAttachments(container.portsOf(collectPorts), { files: true, rows: true, dryRun });
      const done = dryRun ? 'would be removed' : 'removed';
      print(`${plural(expired, 'attachment')} that no message uses ${done}`);
      print(`${plural(strayFiles, 'file')} without an attachment ${done}`);
      for (const id of lost) print(`lost: the file of attachment ${id} is not in the store`);
      if (lost.length > 0)
        throw new CommandError(
          `${plural(lost.length, 'attachment has', 'attachments have')} no file; restore the file store from a back-up`,
        );
    } finally {
      await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
    }
  },
};
