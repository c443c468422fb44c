import { parseArgs } from 'node:util';
import { setUserRole } from '@coucou/application/accounts/administer-users';
import { createUser } from '@coucou/application/accounts/create-user';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { withRepositories, Transactions } from '@coucou/application/ports/unit-of-work';
import { OpaqueTokens } from '@coucou/application/ports/tokens';
import { Suspensions } from '@coucou/application/moderation/repositories';
import { createUser as contract } from '@coucou/contracts/accounts/users';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli create-admin --username <username>   create an owner of an account, or make somebody who is there one
  --email <address>      of the new person; taken as verified
  --password <password>  of the new person (default: one is made and printed)
  --role owner|admin     (default: owner)
  --account <key>        client key of the account (default: default)

pnpm cli create-admin --username alice --email alice@example.com
pnpm cli create-admin --username bob --role admin --account acme

Somebody who gets another role is signed out everywhere. Safe to run while servers run: on PostgreSQL it works on the database, and with the
embedded database a running server carries it out.`;

const roles = ['owner', 'admin'] as const;

export const createAdmin: AdminCommand = {
  help,
  prepare(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        username: text,
        email: text,
        password: text,
        role: { ...text, default: 'owner' },
        account: { ...text, default: 'default' },
      },
    });
    const role = roles.find((each) => each === values.role);
    if (role === undefined) throw new UsageError(`--role must be ${roles.join(' or ')}`);
    if (values.username === undefined) throw new UsageError('--username is required');
    const { username, email, password } = values;
    return (context) =>
      inAccount(context, values.account, async (account) => {
        const { ports, print } = context;
        const uow = withRepositories(ports.resolve(Transactions), { suspensions: Suspensions });
        const known = await uow.read(account, (tx) => tx.suspensions.findByUsername(username));
        if (known !== undefined) {
          await setUserRole.run(ports.portsOf(setUserRole.deps), { userId: known.id, role }, operatorCall(account));
          return print(`${known.username} is ${role} now.`);
        }
        const made = password ?? ports.resolve(OpaqueTokens).generate().slice(0, 24);
        const input = contract.input.safeParse({ username, email, emailVerified: email !== undefined, password: made, role });
        if (!input.success)
          throw new CommandError(input.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
        await createUser.run(ports.portsOf(createUser.deps), input.data, operatorCall(account));
        print(`Created ${username}, ${role}.${password === undefined ? ` The password is ${made}` : ''}`);
      });
  },
};
