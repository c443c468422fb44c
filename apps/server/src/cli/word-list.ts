import { parseArgs } from 'node:util';
import { listWords, putWord, removeWord } from '@coucou/application/moderation/administer';
import { type Command, CommandError, print } from './command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli word-list --list                                what is listed
pnpm cli word-list --add <word> [--action mask|reject]   list a word or a phrase; mask is what happens without --action
pnpm cli word-list --remove <word>                       list it no more
  --account <client key>                                 of which account; default without it

Words are compared whole, whatever their case and accents, in full-width and other variants of letters, and whatever invisible stands
in them. Not found: letters of another script that look the same, digits and signs for letters, and words spelled with gaps; list the
spellings that you meet. Servers follow within five seconds. It may run beside servers on PostgreSQL; with the embedded database the
server must be stopped.`;

const actions = ['mask', 'reject'] as const;

export const wordList: Command = {
  name: 'word-list',
  summary: 'Say which words are masked in messages, and which are refused.',
  help,
  async run(args) {
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
      throw new CommandError(`say one of --list, --add and --remove:\n\n${help}`);
    const action = actions.find((each) => each === values.action);
    if (action === undefined) throw new CommandError(`--action is one of ${actions.join(' and ')}`);
    await inAccount(account, async (ports, id) => {
      if (add !== undefined) print(`${action}  ${(await putWord(ports, id, add, action)).word}`);
      else if (remove === undefined) for (const rule of await listWords(ports, id)) print(`${rule.action.padEnd(8)}${rule.word}`);
      else if (await removeWord(ports, id, remove)) print(`${remove} is listed no more.`);
      else throw new CommandError(`${remove} is not listed`);
    });
  },
};
