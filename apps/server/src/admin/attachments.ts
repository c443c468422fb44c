import { parseArgs } from 'node:util';
import { collectAttachments, collectPorts } from '@coucou/application/attachments/collect-attachments';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';

const help = `pnpm cli attachments reconcile             remove orphans: abandoned uploads, attachments that no message uses, files without an attachment
pnpm cli attachments reconcile --dry-run   print what would be removed, and remove nothing

Also lists attachments whose file is missing from the store; the exit code is then 1. Safe to run while servers run: on PostgreSQL it
works on the database, and with the embedded database a running server carries it out. The server itself removes orphans every ten minutes.`;

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

export const attachments: AdminCommand = {
  help,
  usesFiles: true,
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (positionals.length !== 1 || positionals[0] !== 'reconcile') throw new UsageError('name a subcommand');
    const dryRun = values['dry-run'];
    return async ({ ports, print }) => {
      const { expired, strayFiles, lost } = await collectAttachments(ports.portsOf(collectPorts), { files: true, rows: true, dryRun });
      const done = dryRun ? 'would be removed' : 'removed';
      print(`${plural(expired, 'attachment')} that no message uses ${done}`);
      print(`${plural(strayFiles, 'file')} without an attachment ${done}`);
      for (const id of lost) print(`lost: the file of attachment ${id} is not in the store`);
      if (lost.length > 0)
        throw new CommandError(
          `${plural(lost.length, 'attachment has', 'attachments have')} no file; restore the file store from a back-up`,
        );
    };
  },
};
