import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { checkImport } from '@coucou/application/exchange/check-import';
import { type AccountImport, importAccount, importPorts } from '@coucou/application/exchange/import-account';
import { readLines } from '@coucou/features/exchange/read-lines';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { LINES_FILE } from './export.ts';
import { filesBeside } from './files-beside.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli import <folder or file.ndjson>   import people, conversations and messages
  --account <key>   client key of the account (default: default)
  --dry-run         only check every line
  --json            print the figures as JSON

pnpm cli import chat.export --dry-run
pnpm cli import chat.export --account acme

The format is in docs/guides/import-and-export.md: lines of JSON, ${LINES_FILE} in a folder, and their files in its folder files/. An import can be
repeated, and continues where it was cut off: what is there is left alone. It ends at the first line that cannot be imported, with a message
and exit code 1. People see an imported conversation when the whole file has been read. Nobody is notified. Safe to run while servers run: on PostgreSQL it
works on the database, and with the embedded database a running server carries it out, and reads the files as the user whom it runs as.`;

/** Lines between two messages of progress. */
const PROGRESS_EVERY = 50_000;

/** The file of lines, and the folder that its paths begin in. */
async function locate(given: string): Promise<Readonly<{ lines: string; folder: string }>> {
  const there = await stat(given).catch(() => undefined);
  if (there?.isFile() === true) return { lines: given, folder: dirname(given) };
  const lines = join(given, LINES_FILE);
  if (there?.isDirectory() === true && (await stat(lines).catch(() => undefined))?.isFile() === true) return { lines, folder: given };
  throw new CommandError(there?.isDirectory() === true ? `there is no ${LINES_FILE} in ${given}` : `there is no file or folder ${given}`);
}

const sentence = (report: AccountImport, dryRun: boolean): string => {
  const there = (count: number) => (count === 0 ? '' : ` (and ${count} there already)`);
  return [
    `${report.lines} lines ${dryRun ? 'checked' : 'read'}: ${report.people} people${there(report.peopleThere)}`,
    `${report.conversations} conversations${there(report.conversationsThere)}`,
    `${report.messages} messages${there(report.messagesThere)}`,
    `${report.reactions} reactions`,
    `${report.files} files${there(report.filesThere)}`,
  ].join(', ');
};

const leftOut = ({ filesMissing, filesRefused, messagesTrimmed }: AccountImport): string[] => [
  ...(filesMissing > 0 ? [`${filesMissing} files are not there and were left out`] : []),
  ...(filesRefused > 0 ? [`${filesRefused} files are of a type or size that is not accepted and were left out`] : []),
  ...(messagesTrimmed > 0 ? [`${messagesTrimmed} messages are older than what their conversation keeps and were left out`] : []),
];

export const importCommand: AdminCommand = {
  help,
  usesFiles: true,
  /** The server, which may carry it out, has another working directory. */
  localize: (args) => args.map((arg, at) => (arg.startsWith('-') || args[at - 1] === '--account' ? arg : resolve(arg))),
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const [given] = positionals;
    if (given === undefined || positionals.length !== 1) throw new UsageError('name one folder or file');
    const { account: key, 'dry-run': dryRun, json } = values;
    return (context) =>
      inAccount(context, key, async (account) => {
        const { print } = context;
        const { lines, folder } = await locate(given);
        const ports = context.ports.portsOf(importPorts);
        const read = readLines(createReadStream(lines));
        const opener = { open: filesBeside(folder) };
        let said = 0;
        const progress = (figures: Readonly<{ lines: number; messages: number }>) => {
          if (json || figures.lines - said < PROGRESS_EVERY) return;
          said = figures.lines;
          print(`… ${figures.lines} lines, ${figures.messages} messages`);
        };
        const report = dryRun
          ? await checkImport(ports, opener, operatorCall(account), read)
          : await importAccount(ports, { ...opener, progress }, operatorCall(account), read);
        if (json) print(JSON.stringify(report));
        else {
          for (const { line, error } of report.faults) print(`line ${line}: ${error}`);
          print(sentence(report, dryRun));
          for (const each of leftOut(report)) print(each);
        }
        const [first] = report.faults;
        if (first === undefined) return;
        const more = dryRun ? 'correct the lines above' : `correct line ${first.line} and run the import again: it continues there`;
        throw new CommandError(`the import is not complete: ${more}`);
      });
  },
};
