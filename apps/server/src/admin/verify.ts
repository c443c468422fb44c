import { parseArgs } from 'node:util';
import { verifyAudit, verifyPorts } from '@coucou/application/audit/verify-audit';
import { type CheckedData, DataChecks, type NamedFile } from '@coucou/application/ports/data-checks';
import { FileStore } from '@coucou/application/ports/file-store';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { CommandError, UsageError } from '../cli/command.ts';
import { lineOf } from './audit.ts';
import type { AdminCommand, AdminContext } from './admin-command.ts';

const help = `pnpm cli verify            check the whole database: numbers and versions, counters, references, accounts, the audit log, the schema
pnpm cli verify --files    and that the store has every file that something uses
  --json                   one object per check: {check, proves, found, examples}; an example is {account, what}

Reads everything and changes nothing. Safe to run while servers run: on PostgreSQL all checks of the database see one moment, and with the embedded
database a running server carries them out, one by one. On PostgreSQL the login of DATABASE_BACKUP_URL (or DATABASE_OWNER_URL, or DATABASE_URL) must pass
row-level security (BYPASSRLS). The exit code is 1 where something is wrong.`;

/** Faults that are shown of one check. */
const SHOWN = 10;
/** Files that are looked up at once. */
const AT_ONCE = 32;

export const verify: AdminCommand = {
  help,
  usesFiles: true,
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { files: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    if (positionals.length > 0) throw new UsageError(`${positionals[0]} is no option`);
    const { files, json } = values;
    return async (context) => {
      const tell = (result: CheckedData) => context.print(json ? JSON.stringify(result) : linesOf(result));
      const faults = await verifyAll(context, { files, tell });
      if (faults > 0) throw new CommandError(`${faults} ${faults === 1 ? 'fault' : 'faults'} found`);
      if (!json) context.print('Everything is as it must be.');
    };
  },
};

export type VerifyOptions = Readonly<{
  files: boolean;
  tell: (result: CheckedData) => void;
  /** Files that are known not to be there. */
  lost?: ReadonlySet<string>;
}>;

/** Tells the result of each check, and answers how many faults there are. */
export async function verifyAll({ ports }: Pick<AdminContext, 'ports'>, { files, tell, lost = new Set() }: VerifyOptions): Promise<number> {
  let faults = await ports.resolve(DataChecks).run(tell);
  const checks = [() => checkAudit(ports), ...(files ? [() => checkFiles(ports, lost)] : [])];
  for (const check of checks) {
    const result = await check();
    tell(result);
    faults += result.found;
  }
  return faults;
}

async function checkAudit(ports: AdminContext['ports']): Promise<CheckedData> {
  const accounts = await ports.resolve(Transactions).system('accounts', (tx) => tx.listAccounts());
  const examples: CheckedData['examples'][number][] = [];
  for (const account of accounts) {
    const { fault } = await verifyAudit(ports.portsOf(verifyPorts), account);
    if (fault !== undefined) examples.push({ account, what: lineOf(fault) });
  }
  return {
    check: 'audit-chain',
    proves: 'the audit log of every account is as it was written',
    found: examples.length,
    examples: examples.slice(0, SHOWN),
  };
}

async function checkFiles(ports: AdminContext['ports'], known: ReadonlySet<string>): Promise<CheckedData> {
  const data = ports.resolve(DataChecks);
  const store = ports.resolve(FileStore);
  const missing: NamedFile[] = [];
  let group: NamedFile[] = [];
  const lookUp = async () => {
    const found = await Promise.all(group.map(({ key }) => store.head(key)));
    missing.push(...group.filter(({ key }, at) => found[at] === undefined && !known.has(key)));
    group = [];
  };
  for await (const file of data.files()) if (group.push(file) === AT_ONCE) await lookUp();
  await lookUp();
  // A file goes after its row: of those that are missing, some may have been removed meanwhile.
  const named = missing.length === 0 ? new Set() : await data.stillNamed(missing.map(({ key }) => key));
  const lost = missing.filter(({ key }) => named.has(key));
  return {
    check: 'files',
    proves: 'the store has every file that something uses',
    found: lost.length,
    examples: lost.slice(0, SHOWN).map(({ account, key, what }) => ({ account, what: `the file ${key} of ${what} is not in the store` })),
  };
}

function linesOf({ check, proves, found, examples }: CheckedData): string {
  if (found === 0) return `ok     ${check}: ${proves}`;
  const lines = examples.map(({ account, what }) => `         ${what}${account === undefined ? '' : ` (account ${account})`}`);
  return [`FAULT  ${check}: ${found} found; not so: ${proves}`, ...lines, ...(found > examples.length ? ['         …'] : [])].join('\n');
}
