import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { exportAuditLogs } from '@coucou/application/audit/list-audit-logs';
import { type AuditFault, verifyAudit, verifyPorts } from '@coucou/application/audit/verify-audit';
import { AuditChain } from '@coucou/application/ports/audit-chain';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { auditLines } from '@coucou/features/audit/lines';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand, AdminContext } from './admin-command.ts';
import { inAccount } from './in-account.ts';
import { writeNewFile } from './write-new-file.ts';

const help = `pnpm cli audit verify                check the hash chain over the audit log, and say what is broken first
  --account <key>                    only of the account with this client key (default: all)
  --json                             one object per account: {account, sealed, erased, waiting, head, fault}
  --head <hash>                      a head that was kept elsewhere: it must be in the chain
pnpm cli audit head                  print the head of the chain: number and hash
  --account <key>                    of this account (default: default)
pnpm cli audit export --out <file>   write the log as NDJSON, the newest first; that it was exported is in it
  --account <key>                    of this account (default: default)

pnpm cli audit verify --account acme
pnpm cli audit head --account acme
pnpm cli audit export --account acme --out audit.ndjson

An entry is sealed within seconds. A chain shows what was changed, removed, put in or moved; that its end was cut off it shows only against
a head that was kept elsewhere, out of reach of who administers the database. The exit code is 1 where something is broken. Safe to run while
servers run: on PostgreSQL it works on the database, and with the embedded database a running server carries it out.`;

const actions = ['verify', 'head', 'export'] as const;
/** Links between two lines of progress. */
const TELL_EVERY = 100_000;

type Wanted = Readonly<{ account: string | undefined; head: string | undefined; out: string | undefined; json: boolean }>;

export const audit: AdminCommand = {
  help,
  /** The server, which may carry it out, has another working directory. */
  localize: (args) =>
    args.map((arg, at) => (args[at - 1] === '--out' ? resolve(arg) : arg.startsWith('--out=') ? `--out=${resolve(arg.slice(6))}` : arg)),
  prepare(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { account: text, head: text, out: text, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [word, ...more] = positionals;
    const wrong = (what: string) => new UsageError(what);
    const action = actions.find((each) => each === word);
    if (action === undefined || more.length > 0) throw wrong(`give one of ${actions.join(', ')}`);
    const { account, head, out, json } = values;
    if (json && action !== 'verify') throw wrong('--json is for `audit verify`');
    if (head !== undefined && (action !== 'verify' || account === undefined)) throw wrong('--head is for `audit verify --account <key>`');
    if (head !== undefined && !/^[0-9a-f]{64}$/.test(head))
      throw wrong('--head must be a hash: 64 hexadecimal digits, as `audit head` prints it');
    if ((out === undefined) === (action === 'export'))
      throw wrong(action === 'export' ? '--out is required' : '--out is for `audit export`');
    return (context) => run[action](context, { account, head, out, json });
  },
};

const run: Readonly<Record<(typeof actions)[number], (context: AdminContext, wanted: Wanted) => Promise<void>>> = {
  async verify(context, { account: clientKey, head, json }) {
    if (clientKey !== undefined)
      return inAccount(context, clientKey, async (account) => {
        if (!(await verifyOne(context, account, clientKey, { head, json }))) throw new CommandError('the audit log is not what it was');
      });
    const accounts = await context.ports.resolve(Transactions).system('accounts', (tx) => tx.listAccounts());
    let broken = 0;
    for (const account of accounts) if (!(await verifyOne(context, account, account, { json }))) broken += 1;
    if (broken > 0) throw new CommandError(`the audit log of ${broken} of ${accounts.length} accounts is not what it was`);
  },
  head: (context, { account: clientKey = 'default' }) =>
    inAccount(context, clientKey, async (account) => {
      const { number, hash } = await context.ports.resolve(AuditChain).head(account);
      context.print(`${number} ${hash}`);
    }),
  export: (context, { account: clientKey = 'default', out = '' }) =>
    inAccount(context, clientKey, async (account) => {
      const entries = await exportAuditLogs.run(context.ports.portsOf(exportAuditLogs.deps), {}, operatorCall(account));
      await writeNewFile(auditLines(entries), out);
      context.print(`Wrote ${out}.`);
    }),
};

async function verifyOne(
  { ports, print }: AdminContext,
  account: AccountId,
  name: string,
  { head, json }: Readonly<{ head?: string | undefined; json: boolean }>,
): Promise<boolean> {
  let told = 0;
  const progress = (sealed: number) => {
    if (json || sealed - told < TELL_EVERY) return;
    told = sealed;
    print(`${name}: ${sealed} entries are right so far`);
  };
  const { sealed, erased, waiting, head: last, fault } = await verifyAudit(ports.portsOf(verifyPorts), account, { head, progress });
  if (json) {
    print(JSON.stringify({ account: name, sealed, erased, waiting, head: last, fault }));
    return fault === undefined;
  }
  if (fault === undefined) {
    const rest = `${erased} with erased personal data, ${waiting} not sealed yet`;
    print(`${name}: ${sealed} entries are as they were written (${rest}); head ${sealed} ${last}`);
    return true;
  }
  print(`${name}: ${lineOf(fault)}; the ${sealed} entries before are as they were written`);
  return false;
}

export const lineOf = ({ is, number, entryId, what }: AuditFault): string =>
  [`broken: ${is}`, number !== undefined && `at ${number}`, entryId !== undefined && `(entry ${entryId})`].filter(Boolean).join(' ') +
  `: ${what}`;
