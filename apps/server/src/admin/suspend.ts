import { parseArgs } from 'node:util';
import { suspendUser } from '@coucou/application/moderation/administer';
import { CommandError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli suspend --user <username>          block sign-in, token refresh and posting
pnpm cli suspend --user <username> --lift   lift the suspension
  --account <key>                           client key of the account (default: default)

Open connections can read until their access token expires. Safe to run while servers run: on PostgreSQL it works on the database, and with
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
      },
    });
    const { account, user, lift } = values;
    if (user === undefined) throw new CommandError(`--user is required:\n\n${help}`);
    return (context) =>
      inAccount(context, account, async (ports, id) => {
        const { username } = await suspendUser(ports, id, user, { lift });
        context.print(lift ? `${username} is no longer suspended.` : `${username} is suspended.`);
      });
  },
};
