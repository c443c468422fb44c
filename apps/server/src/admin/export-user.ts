import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { exportData, exportPorts } from '@coucou/application/privacy/export-data';
import { Suspensions } from '@coucou/application/moderation/repositories';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';
import { writeNewFile } from './write-new-file.ts';

const help = `pnpm cli export-user <username> --out <file>   write everything that is held of somebody: a tar archive, compressed with gzip
  --account <key>                              client key of the account (default: default)

pnpm cli export-user --out alice.tar.gz alice

The file must not exist yet; it appears whole, or not at all. Safe to run while servers run: on PostgreSQL it works on the database, and
with the embedded database a running server carries it out, and writes the file as the user whom it runs as.`;

const ports = { ...exportPorts, people: unitOfWork({ suspensions: Suspensions }) };

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: { account: { type: 'string', default: 'default' }, out: { type: 'string' } },
    allowPositionals: true,
  });

export const exportUser: AdminCommand = {
  help,
  usesFiles: true,
  /** The server, which may carry it out, has another working directory. */
  localize: (args) =>
    args.map((arg, at) => (args[at - 1] === '--out' ? resolve(arg) : arg.startsWith('--out=') ? `--out=${resolve(arg.slice(6))}` : arg)),
  prepare(args) {
    const { values, positionals } = parse(args);
    const [username] = positionals;
    const { account, out } = values;
    if (username === undefined || positionals.length !== 1) throw new UsageError('name one person');
    if (out === undefined) throw new UsageError('--out is required');
    return (context) =>
      inAccount(context, account, async (id) => {
        const given = context.ports.portsOf(ports);
        const person = await given.people.read(id, (tx) => tx.suspensions.findByUsername(username));
        if (person === undefined) throw new CommandError(`there is no user ${JSON.stringify(username)} in this account`);
        const call = operatorCall(id);
        const { body } = await exportData(given, { person: person.id }, call);
        await writeNewFile(body, out);
        context.print(`Wrote ${out}.`);
      });
  },
};
