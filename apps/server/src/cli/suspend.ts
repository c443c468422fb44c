import { parseArgs } from 'node:util';
import { suspendUser } from '@coucou/application/moderation/administer';
import { type Command, CommandError, print } from './command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli suspend --user <username>          no signing in, no refreshing, no posting from now on
pnpm cli suspend --user <username> --lift   all of it again
  --account <client key>                    of which account; default without it

What is open stays open, to read, until its access token expires. It may run beside servers on PostgreSQL; with the embedded database the
server must be stopped.`;

export const suspend: Command = {
  name: 'suspend',
  summary: 'Suspend a person, or lift it.',
  help,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        user: { type: 'string' },
        lift: { type: 'boolean', default: false },
      },
    });
    const { account, user, lift } = values;
    if (user === undefined) throw new CommandError(`say whom, by --user:\n\n${help}`);
    await inAccount(account, async (ports, id) => {
      const { username } = await suspendUser(ports, id, user, { lift });
      print(lift ? `${username} is suspended no more.` : `${username} is suspended.`);
    });
  },
};
