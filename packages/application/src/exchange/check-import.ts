import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { createPeopleChecks } from './check-people.ts';
import { type AccountImport, type ImportFault, type importPorts, noFigures, type ReadLine, faultOf, isRefusal } from './import-account.ts';
import type { OpenFile } from './import-attachment.ts';
import type { ExchangeLine } from './lines.ts';
import * as resolve from './resolve-lines.ts';

/** Faults of one report. */
const MOST_FAULTS = 100;

type Checked = Readonly<{ line: number; value: ExchangeLine }>;

/** Reads everything, stores nothing, and answers what is wrong: more than the first fault. Of what is there already it knows people, and not which messages. */
export async function checkImport(
  ports: Pick<Ports<typeof importPorts>, 'named' | 'clock' | 'hashes' | 'store'>,
  { open }: Readonly<{ open: OpenFile }>,
  { account }: AdminCall,
  lines: AsyncIterable<ReadLine>,
): Promise<AccountImport> {
  const ids = resolve.createSourceIds(ports.named, account);
  const people = createPeopleChecks(ports, account, ids);
  const conversations = new Map<string, resolve.KnownConversation>();
  const newest = new Map<string, string>();
  const known: resolve.Known = { person: people.known, conversation: (source) => conversations.get(source) };
  const figures = { ...noFigures };
  const faults: ImportFault[] = [];
  const now = ports.clock.now();

  const check = async ({ line, value }: Checked): Promise<void> => {
    switch (value.type) {
      case 'user':
        figures[(await people.check({ line, value })) ? 'peopleThere' : 'people'] += 1;
        return;
      case 'conversation':
        resolve.conversationOf(known, ids, account, { line, value }, now);
        conversations.set(value.id, { id: ids.conversation(value.id), kind: value.kind });
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
        resolve.messageOf(known, ids, { line, value }, now);
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
