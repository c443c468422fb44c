import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { importUsers as useCase } from '@coucou/application/accounts/import-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { importLines } from '@coucou/features/accounts/import-lines';
import { CommandError, UsageError } from '../cli/command.ts';
import { type Bar, noProgress } from '../cli/progress.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli import-users <file.ndjson>   import people, one JSON object a line
  --dry-run         only say what would be done
  --from-line <n>   leave out the lines before
  --account <key>   client key of the account (default: default)

pnpm cli import-users people.ndjson --dry-run
pnpm cli import-users people.ndjson

{"username":"dora","email":"dora@example.com","emailVerified":true,"displayName":"Dora","externalId":"4711","passwordHash":"$2b$12$…"}

All but the username may be left out. Hashes of passwords are argon2 (PHC), bcrypt or scrypt; they are replaced at the first login. An import can
be repeated: who is there already is left alone. Every refused line is printed; the exit code is then 1. Safe to run while servers run.`;

async function* readIn(file: string, bar: Bar): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      yield chunk;
      bar.add(chunk.length);
    }
  } finally {
    bar.end();
  }
}

export const importUsers: AdminCommand = {
  help,
  /** The server, which may carry it out, has another working directory. */
  localize: (args) =>
    args.map((arg, at) => (arg.startsWith('-') || ['--account', '--from-line'].includes(args[at - 1] ?? '') ? arg : resolve(arg))),
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        'dry-run': { type: 'boolean', default: false },
        'from-line': { type: 'string', default: '1' },
      },
      allowPositionals: true,
    });
    const [file] = positionals;
    if (file === undefined || positionals.length !== 1) throw new UsageError('name one file');
    const fromLine = Number(values['from-line']);
    if (!Number.isSafeInteger(fromLine) || fromLine < 1) throw new UsageError('--from-line must be the number of a line');
    return (context) =>
      inAccount(context, values.account, async (account) => {
        const { ports, print, progress = noProgress } = context;
        const there = await stat(file).catch(() => undefined);
        if (there?.isFile() !== true) throw new CommandError(`there is no file ${file}`);
        const dryRun = values['dry-run'];
        const run = await useCase.run(ports.portsOf(useCase.deps), { dryRun }, operatorCall(account));
        const { read, created, existing, refused, stoppedAt } = await run(
          importLines(readIn(file, progress.of('bytes', there.size)), fromLine),
        );
        for (const { line, code, error, details } of refused) print(`line ${line}: ${code}: ${error} ${JSON.stringify(details)}`);
        print(
          `${read} lines read, ${created} people ${dryRun ? 'would be created' : 'created'}, ${existing} there already, ${refused.length} refused`,
        );
        if (stoppedAt !== undefined)
          throw new CommandError(`too many lines are refused: correct them, and go on with --from-line ${stoppedAt}`);
        if (refused.length > 0) throw new CommandError('not all lines were imported');
      });
  },
};
