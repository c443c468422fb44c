import { parseArgs } from 'node:util';
import { restoreAccount, suspendAccount } from '@coucou/application/accounts/administer-accounts';
import { restoreUser, suspendUser } from '@coucou/application/accounts/administer-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand, AdminContext } from './admin-command.ts';
import { inAccount, personOf } from './in-account.ts';

const help = `pnpm cli suspend --user <username>          block sign-in, token refresh and posting
pnpm cli suspend --user <username> --lift   lift the suspension
pnpm cli suspend --whole-account            keep everybody of the account out, and its API keys
  --account <key>                           client key of the account (default: default)

pnpm cli suspend --user mallory
pnpm cli suspend --user mallory --lift
pnpm cli suspend --whole-account --account acme

Their tokens are refused and their sockets close, on every server within 2.5 seconds. The last owner of an account stays. Safe to run while servers run: on PostgreSQL it works on the database, and with
the embedded database a running server carries it out.`;

export const suspend: AdminCommand = {
  help,
  prepare(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        user: { type: 'string' },
        lift: { type: 'boolean', default: false },
        'whole-account': { type: 'boolean', default: false },
      },
    });
    const { account, user, lift } = values;
    const { 'whole-account': isWhole } = values;
    if (isWhole && user === undefined) return suspendWhole(account, lift);
    if (isWhole || user === undefined) throw new UsageError(isWhole ? 'give --user or --whole-account' : '--user is required');
    return (context) =>
      personOf(context, account, user, async ({ account: of, id, username }) => {
        const { run, deps } = lift ? restoreUser : suspendUser;
        await run(context.ports.portsOf(deps), { userId: id }, operatorCall(of));
        context.print(lift ? `${username} is no longer suspended.` : `${username} is suspended.`);
      });
  },
};

const suspendWhole =
  (clientKey: string, lift: boolean) =>
  (context: AdminContext): Promise<void> =>
    inAccount(context, clientKey, async (account) => {
      const { run, deps } = lift ? restoreAccount : suspendAccount;
      await run(context.ports.portsOf(deps), { clientKey }, operatorCall(account));
      context.print(lift ? `The account ${clientKey} is no longer suspended.` : `The account ${clientKey} is suspended.`);
    });
