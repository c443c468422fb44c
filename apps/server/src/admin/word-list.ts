import { parseArgs } from 'node:util';
import { listWords, putWord, removeWord } from '@coucou/application/moderation/administer';
import { CommandError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli word-list --list                                print the listed words
pnpm cli word-list --add <word> [--action mask|reject]   list a word or a phrase (default action: mask)
pnpm cli word-list --remove <word>                       remove it from the list
  --account <key>                                        client key of the account (default: default)

Whole words are matched, ignoring case, accents, width and invisible characters. Not matched: look-alike letters of another script, digits
or symbols used as letters, and words written with gaps; list such spellings themselves. Servers pick up changes within five seconds. Safe
to run while servers run: on PostgreSQL it works on the database, and with the embedded database a running server carries it out.`;

const actions = ['mask', 'reject'] as const;

export const wordList: AdminCommand = {
  help,
  prepare(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        list: { type: 'boolean', default: false },
        add: { type: 'string' },
        remove: { type: 'string' },
        action: { type: 'string', default: 'mask' },
      },
    });
    const { account, list, add, remove } = values;
    if ([list, add !== undefined, remove !== undefined].filter(Boolean).length !== 1)
      throw new CommandError(`give exactly one of --list, --add and --remove:\n\n${help}`);
    const action = actions.find((each) => each === values.action);
    if (action === undefined) throw new CommandError(`--action must be ${actions.join(' or ')}`);
    return (context) =>
      inAccount(context, account, async (ports, id) => {
        const { print } = context;
        if (add !== undefined) print(`${action}  ${(await putWord(ports, id, add, action)).word}`);
        else if (remove === undefined) for (const rule of await listWords(ports, id)) print(`${rule.action.padEnd(8)}${rule.word}`);
        else if (await removeWord(ports, id, remove)) print(`${remove} is no longer listed.`);
        else throw new CommandError(`${remove} is not listed`);
      });
  },
};
