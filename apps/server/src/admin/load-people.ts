import { parseArgs } from 'node:util';
import { putAccountLimits } from '@coucou/application/accounts/account-limits';
import { createAccount } from '@coucou/application/accounts/administer-accounts';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { mintTokenFor } from '@coucou/application/auth/mint-token';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

/** An account of its own, since its limits are lifted. */
const CLIENT_KEY = 'load-test';
const MOST = 20_000;

const help = `pnpm cli load-people --people <n>   open sessions for the people of a load test, and print each as a line of JSON

pnpm cli load-people --people 100

They are in the account ${CLIENT_KEY}, which has no limits of messages and is made when there is none. For a load test from another machine:
write the lines into a file there, and give it to \`pnpm cli load --sessions\` before they expire. Requires the SECRET_KEY of the servers.`;

export const loadPeople: AdminCommand = {
  help,
  usesKeys: true,
  prepare(args) {
    const { values } = parseArgs({ args: [...args], options: { people: { type: 'string' } } });
    const people = Number(values.people);
    if (!Number.isInteger(people) || people < 1 || people > MOST) throw new UsageError(`--people must be a number from 1 to ${MOST}`);
    return async (context) => {
      const { ports, print } = context;
      const made = () =>
        inAccount(context, DEFAULT_CLIENT_KEY, (operator) =>
          createAccount.run(ports.portsOf(createAccount.deps), { name: 'Load test', clientKey: CLIENT_KEY }, operatorCall(operator)),
        );
      const account = (await ports.resolve(AccountDirectory).byClientKey(CLIENT_KEY)) ?? (await made()).id;
      const call = operatorCall(account);
      const lifted = { rest: [], socketEvents: [], userMessages: [], conversationMessages: [] };
      await putAccountLimits.run(ports.portsOf(putAccountLimits.deps), { clientKey: CLIENT_KEY, ...lifted }, call);
      for (let person = 1; person <= people; person += 1) {
        const create = { username: `load-${person}`, emailVerified: false };
        const minted = await mintTokenFor.run(ports.portsOf(mintTokenFor.deps), { externalId: `load-${person}`, create }, call);
        const { user, accessToken, accessTokenExpiresAt } = minted;
        print(JSON.stringify({ userId: user.id, accessToken, accessTokenExpiresAt }));
      }
    };
  },
};
