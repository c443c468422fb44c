import { parseArgs } from 'node:util';
import { revokeUserSessions } from '@coucou/application/accounts/administer-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { personOf } from './in-account.ts';

const help = `pnpm cli revoke-sessions --user <username>   sign somebody out everywhere
  --account <key>                            client key of the account (default: default)

pnpm cli revoke-sessions --user alice

Their tokens are refused and their sockets close, on every server within 2.5 seconds. Safe to run while servers run: on PostgreSQL it works
on the database, and with the embedded database a running server carries it out.`;

export const revokeSessions: AdminCommand = {
  help,
  prepare(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { account: { type: 'string', default: 'default' }, user: { type: 'string' } },
    });
    const { account: clientKey, user } = values;
    if (user === undefined) throw new UsageError('--user is required');
    return (context) =>
      personOf(context, clientKey, user, async ({ account, id, username }) => {
        const { ports, print } = context;
        const { revoked } = await revokeUserSessions.run(ports.portsOf(revokeUserSessions.deps), { userId: id }, operatorCall(account));
        print(`${revoked} ${revoked === 1 ? 'session' : 'sessions'} of ${username} ended.`);
      });
  },
};
