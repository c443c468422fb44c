import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { mintToken as mint } from '@coucou/application/auth/mint-token';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { personOf } from './in-account.ts';

const help = `pnpm cli mint-token --user <username>   open a session for somebody, and print its tokens as JSON
  --account <key>                       client key of the account (default: default)

pnpm cli mint-token --user alice

Bearer tokens: anyone who holds them acts as this person; \`pnpm cli revoke-sessions\` ends the session. Requires the SECRET_KEY of the servers.`;

export const mintToken: AdminCommand = {
  help,
  usesKeys: true,
  prepare(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { account: { type: 'string', default: 'default' }, user: { type: 'string' } },
    });
    const { account: clientKey, user } = values;
    if (user === undefined) throw new UsageError('--user is required');
    return (context) =>
      personOf(context, clientKey, user, async ({ account, id }) => {
        const { ports, print } = context;
        const minted = await mint.run(ports.portsOf(mint.deps), { userId: id }, operatorCall(account));
        const { accessToken, accessTokenExpiresAt, refreshToken, session } = minted;
        print(JSON.stringify({ userId: id, sessionId: session.id, accessToken, accessTokenExpiresAt, refreshToken }));
      });
  },
};
