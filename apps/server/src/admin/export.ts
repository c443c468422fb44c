import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { exportAccount, type ExportEntry, exportPorts } from '@coucou/application/exchange/export-account';
import { CommandError, UsageError } from '../cli/command.ts';
import { codeOf } from '../start/start-error.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

/** The lines of an export, in its folder. */
export const LINES_FILE = 'account.ndjson';

const help = `pnpm cli export --out <folder>   write people, conversations, messages and files of an account
  --account <key>   client key of the account (default: default)
  --passwords       with the hashes of passwords, so that people can sign in where it is imported
  --json            print the figures as JSON

pnpm cli export --out chat.export
pnpm cli export --out acme.export --account acme --passwords

The folder must not exist yet; it appears whole, or not at all, and nobody else may read it. \`pnpm cli import\` reads it; the format is in
docs/guides/import-and-export.md. Safe to run while servers run: on PostgreSQL it works on the database, and with the embedded database a running
server carries it out, and writes the folder as the user whom it runs as.`;

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;

type Figures = { lines: number; messages: number; files: number; lost: string[] };

/** The lines as text; the files are written when their turn comes. */
async function* textOf(entries: AsyncIterable<ExportEntry>, folder: string, figures: Figures): AsyncGenerator<string> {
  for await (const entry of entries) {
    if ('lost' in entry) figures.lost.push(entry.lost);
    else if ('file' in entry) {
      await pipeline(entry.body, createWriteStream(join(folder, entry.file), { flags: 'wx', mode: 0o600 }));
      figures.files += 1;
    } else {
      figures.lines += 1;
      if (entry.line.type === 'message') figures.messages += 1;
      yield `${JSON.stringify(entry.line)}\n`;
    }
  }
}

/** Writes a folder that must not exist yet. */
async function writeFolder(out: string, entries: AsyncIterable<ExportEntry>): Promise<Figures> {
  const partial = `${out}.partial`;
  const figures: Figures = { lines: 0, messages: 0, files: 0, lost: [] };
  if (await exists(out)) throw new CommandError(`${out} exists already`);
  try {
    await mkdir(partial, { mode: 0o700 });
  } catch (error) {
    throw new CommandError(`${partial} cannot be made (${codeOf(error)}); it must not exist yet`, { cause: error });
  }
  try {
    await mkdir(join(partial, 'files'), { mode: 0o700 });
    await pipeline(
      textOf(entries, partial, figures),
      createWriteStream(join(partial, LINES_FILE), { flags: 'wx', mode: 0o600, flush: true }),
    );
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return figures;
}

export const exportCommand: AdminCommand = {
  help,
  usesFiles: true,
  /** The server, which may carry it out, has another working directory. */
  localize: (args) =>
    args.map((arg, at) => (args[at - 1] === '--out' ? resolve(arg) : arg.startsWith('--out=') ? `--out=${resolve(arg.slice(6))}` : arg)),
  prepare(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        out: { type: 'string' },
        passwords: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { account: key, out, passwords, json } = values;
    if (out === undefined) throw new UsageError('--out is required');
    return (context) =>
      inAccount(context, key, async (account) => {
        const ports = context.ports.portsOf(exportPorts);
        const { lost, ...figures } = await writeFolder(out, exportAccount(ports, { passwords }, operatorCall(account)));
        if (json) return context.print(JSON.stringify({ ...figures, lost }));
        for (const name of lost) context.print(`the store has lost the file ${JSON.stringify(name)}: it is left out`);
        context.print(`Wrote ${out}: ${figures.lines} lines, ${figures.messages} messages, ${figures.files} files.`);
      });
  },
};
