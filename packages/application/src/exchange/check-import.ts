import { User } from '@coucou/domain/users/user';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { type AccountImport, type ImportFault, type importPorts, noFigures, type ReadLine, faultOf, isRefusal } from './import-account.ts';
import type { OpenFile } from './import-attachment.ts';
import type { ExchangeLine } from './lines.ts';
import * as resolve from './resolve-lines.ts';

/** Faults of one report. */
const MOST_FAULTS = 100;

type Checked = Readonly<{ line: number; value: ExchangeLine }>;

/** Reads everything, stores nothing, and answers what is wrong: more than the first fault. What only the database knows is found at the import. */
export async function checkImport(
  { named, clock, hashes }: Pick<Ports<typeof importPorts>, 'named' | 'clock' | 'hashes'>,
  { open }: Readonly<{ open: OpenFile }>,
  { account }: AdminCall,
  lines: AsyncIterable<ReadLine>,
): Promise<AccountImport> {
  const ids = resolve.createSourceIds(named, account);
  const people = new Map<string, UserId>();
  const conversations = new Map<string, ConversationId>();
  const usernames = new Map<string, string>();
  const newest = new Map<string, string>();
  const known: resolve.Known = { person: (source) => people.get(source), conversation: (source) => conversations.get(source) };
  const figures = { ...noFigures };
  const faults: ImportFault[] = [];
  const now = clock.now();

  const check = async ({ line, value }: Checked): Promise<void> => {
    switch (value.type) {
      case 'user': {
        const key = User.usernameKey(value.username);
        const other = usernames.get(key);
        if (other !== undefined && other !== value.id)
          throw resolve.refuse(line, `the username ${value.username} is that of an earlier line`);
        if (value.passwordHash !== undefined && hashes.accept(value.passwordHash) === undefined)
          throw resolve.refuse(line, 'the hash of the password is none of argon2 (PHC), bcrypt or scrypt');
        resolve.userOf(value, account, ids.user(value.id), now);
        usernames.set(key, value.id);
        people.set(value.id, ids.user(value.id));
        figures.people += 1;
        return;
      }
      case 'conversation':
        resolve.conversationOf(known, ids, account, { line, value });
        conversations.set(value.id, ids.conversation(value.id));
        figures.conversations += 1;
        return;
      case 'member':
        resolve.memberOf(known, { line, value });
        figures.members += 1;
        return;
      case 'attachment': {
        resolve.requirePerson(known, line, value.owner);
        const file = await open(value.file);
        figures[file === undefined ? 'filesMissing' : 'files'] += 1;
        return;
      }
      case 'message': {
        resolve.messageOf(known, ids, { line, value });
        if (value.createdAt < (newest.get(value.conversation) ?? '')) throw resolve.refuse(line, resolve.LATE);
        newest.set(value.conversation, value.createdAt);
        figures.messages += 1;
        return;
      }
      case 'reaction':
        resolve.reactionOf(known, ids, { line, value }, now);
        figures.reactions += 1;
        return;
      case 'receipt':
        resolve.receiptOf(known, ids, { line, value });
        figures.receipts += 1;
    }
  };

  for await (const each of lines) {
    figures.lines += 1;
    if ('fault' in each) faults.push({ line: each.line, error: each.fault });
    else
      await check(each).catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
        faults.push(faultOf(error, each.line));
      });
    if (faults.length >= MOST_FAULTS) break;
  }
  return { ...figures, faults };
}
