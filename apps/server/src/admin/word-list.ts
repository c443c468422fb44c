import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { deleteWord, listAllWords, putWord, testText } from '@coucou/application/moderation/administer-words';
import { wordErrors } from '@coucou/domain/moderation/moderation-rule';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AdminCall } from '@coucou/application/kernel/call';
import { CommandError, UsageError } from '../cli/command.ts';
import type { AdminCommand, AdminContext } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli word-list --list                                print the listed words
pnpm cli word-list --add <word> [--action mask|reject]   list a word or a phrase (default action: mask)
pnpm cli word-list --remove <word>                       remove it from the list
pnpm cli word-list --test <text>                         print what words and rules would make of a text; nothing is stored
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
        test: { type: 'string' },
        action: { type: 'string', default: 'mask' },
      },
    });
    const { account, list, add, remove, test } = values;
    if ([list, add !== undefined, remove !== undefined, test !== undefined].filter(Boolean).length !== 1)
      throw new UsageError('give exactly one of --list, --add, --remove and --test');
    const action = actions.find((each) => each === values.action);
    if (action === undefined) throw new UsageError(`--action must be ${actions.join(' or ')}`);
    return (context) =>
      inAccount(context, account, async (id) => {
        const { print, ports } = context;
        const call = operatorCall(id);
        if (add !== undefined) {
          const listed = await putWord.run(ports.portsOf(putWord.deps), { word: add, action }, call);
          print(`${listed.action}  ${listed.word}`);
        } else if (remove !== undefined) {
          await deleteWord.run(ports.portsOf(deleteWord.deps), { word: remove }, call).catch((error: unknown) => {
            if (error instanceof ChatError && error.code === wordErrors.NOT_FOUND.code) throw new CommandError(`${remove} is not listed`);
            throw error;
          });
          print(`${remove} is no longer listed.`);
        } else if (test !== undefined) await printTest(context, test, call);
        else
          for (const rule of await listAllWords.run(ports.portsOf(listAllWords.deps), {}, call))
            print(`${rule.action.padEnd(8)}${rule.word}`);
      });
  },
};

async function printTest({ print, ports }: AdminContext, text: string, call: AdminCall): Promise<void> {
  const { outcome, content, words, rules } = await testText.run(ports.portsOf(testText.deps), { text }, call);
  print(content === undefined ? outcome : `${outcome}  ${content}`);
  for (const { action, word } of words) print(`${action.padEnd(8)}${word}`);
  for (const { action, kind, id } of rules) print(`${action.padEnd(8)}rule of ${kind} ${id}`);
}
