import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { asId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { type Bytes, FileStore } from '../ports/file-store.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { AccountReader, type ExportedConversation } from './account-reader.ts';
import type { ExchangeLine, UserLine } from './lines.ts';

export const exportPorts = { store: unitOfWork({ auditLog: AuditLog }), reader: AccountReader, files: FileStore, ...auditPorts };
type Given = Ports<typeof exportPorts>;

export type HeaderLine = Readonly<{ type: 'header'; format: 'coucou-export'; version: 1; source: 'coucou'; createdAt: string }>;
/** A line; the bytes of a file, before the line that names it; or the name of one that the store has lost. */
export type ExportEntry =
  | Readonly<{ line: HeaderLine | ExchangeLine }>
  | Readonly<{ file: string; body: Bytes }>
  | Readonly<{ lost: string }>;

export type ExportOptions = Readonly<{
  /** With the hashes of passwords, so that people can sign in where it is imported. */ passwords: boolean;
}>;

/** Rows of one page. */
const PAGE = 500;

/** The people whom a line names. */
function namedIn(line: ExchangeLine): readonly string[] {
  switch (line.type) {
    case 'user':
      return [];
    case 'conversation':
      return line.kind === 'direct' ? line.people : [line.createdBy];
    case 'attachment':
      return [line.owner];
    case 'message':
      return [line.author, ...line.mentions, ...(line.pinnedBy === undefined ? [] : [line.pinnedBy])];
    default:
      return [line.user];
  }
}

/** Pages until one is not full. */
async function* pages<Item>(read: (last: Item | undefined) => Promise<readonly Item[]>): AsyncGenerator<readonly Item[]> {
  for (let last: Item | undefined, isLast = false; !isLast; ) {
    const page = await read(last);
    if (page.length > 0) yield page;
    last = page.at(-1);
    isLast = page.length < PAGE;
  }
}

/**
 * Everything of one account that the format of an export holds, as its import reads it: each line names only what earlier ones describe. It
 * may run beside writes: a conversation ends with the message that was its newest when it was read, and who came meanwhile is described when a
 * line names them.
 */
export async function* exportAccount(ports: Given, { passwords }: ExportOptions, call: AdminCall): AsyncGenerator<ExportEntry> {
  const { account } = call;
  const { reader, files, clock } = ports;
  await ports.store.write(account, (tx) => recordAudit(ports, tx, call, accountActions.account_exported, {}));
  const described = new Set<string>();
  const written = new Set<string>();
  const person = (line: UserLine): ExportEntry => {
    described.add(line.id);
    return { line: passwords ? line : { ...line, passwordHash: undefined } };
  };
  /** The lines, after those of the people whom they name and nobody has described. */
  async function* withPeople(lines: readonly ExchangeLine[]): AsyncGenerator<ExportEntry> {
    const missing = [...new Set(lines.flatMap(namedIn))].filter((id) => !described.has(id));
    if (missing.length > 0)
      for (const line of await reader.peopleOf(
        account,
        missing.map((id) => asId<'user'>(id)),
      ))
        yield person(line);
    for (const line of lines) yield { line };
  }
  async function* messagesOf(conversation: ExportedConversation): AsyncGenerator<ExportEntry> {
    for await (const page of pages<Awaited<ReturnType<AccountReader['messages']>>[number]>((last) =>
      reader.messages(account, conversation, last?.seq ?? 0, PAGE),
    )) {
      for (const { key, line } of page.flatMap(({ attachments }) => attachments)) {
        if (written.has(line.id)) continue;
        written.add(line.id);
        const body = await files.get(key);
        if (body === undefined) {
          yield { lost: line.name };
          continue;
        }
        yield { file: line.file, body };
        yield* withPeople([line]);
      }
      yield* withPeople([...page.map(({ line }) => line), ...page.flatMap(({ reactions }) => reactions)]);
    }
  }
  const membersOf = (conversation: ExportedConversation) =>
    pages<Awaited<ReturnType<AccountReader['members']>>[number]>((last) => reader.members(account, conversation, last?.userId, PAGE));

  yield { line: { type: 'header', format: 'coucou-export', version: 1, source: 'coucou', createdAt: clock.now().toISOString() } };
  for await (const page of pages<UserLine>((last) => reader.people(account, last && asId<'user'>(last.id), PAGE)))
    for (const line of page) yield person(line);
  for await (const page of pages<ExportedConversation>((last) => reader.conversations(account, last?.id, PAGE)))
    for (const conversation of page) {
      yield* withPeople([conversation.line]);
      if (conversation.line.kind === 'group')
        for await (const members of membersOf(conversation)) yield* withPeople(members.map(({ line }) => line));
      yield* messagesOf(conversation);
      for await (const members of membersOf(conversation))
        yield* withPeople(members.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt])));
    }
}
