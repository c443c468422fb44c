import { parseArgs } from 'node:util';
import { createAccount as create } from '@coucou/application/accounts/administer-accounts';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { createAccount as contract } from '@coucou/contracts/accounts/accounts';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli create-account --key <client key> --name <name>   make an account

pnpm cli create-account --key acme --name 'Acme Inc.'
pnpm cli create-admin --account acme --username alice

Clients name it by the header X-Client-Key. Safe to run while servers run: on PostgreSQL it works on the database, and with the embedded
database a running server carries it out.`;

export const createAccount: AdminCommand = {
  help,
  prepare(args) {
    const { values } = parseArgs({ args: [...args], options: { key: { type: 'string' }, name: { type: 'string' } } });
    const { key: clientKey, name = clientKey } = values;
    if (clientKey === undefined) throw new UsageError('--key is required');
    const input = contract.input.safeParse({ clientKey, name });
    if (!input.success) throw new UsageError(input.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
    return (context) =>
      inAccount(context, 'default', async (account) => {
        const { ports, print } = context;
        const made = await create.run(ports.portsOf(create.deps), input.data, operatorCall(account));
        print(`Created the account ${made.clientKey} (${made.id}).`);
      });
  },
};
