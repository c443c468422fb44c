import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Suspensions } from '../moderation/repositories.ts';
import { ImportedHashes } from '../ports/imported-hashes.ts';
import { NamedIds } from '../ports/named-ids.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserAdministration, Users } from '../users/repositories.ts';
import { attachmentPorts, importAttachment, type OpenFile } from './import-attachment.ts';
import { importPeople } from './import-people.ts';
import type {
  AttachmentLine,
  DirectLine,
  ExchangeLine,
  GroupLine,
  MemberLine,
  MessageLine,
  ReactionLine,
  ReceiptLine,
  UserLine,
} from './lines.ts';
import { Imports } from './repositories.ts';
import * as resolve from './resolve-lines.ts';

type Placed<Line> = resolve.Placed<Line>;
/** A line as it was read: what it says, or what is wrong with it. */
export type ReadLine = Placed<ExchangeLine> | Readonly<{ line: number; fault: string }>;

export type Figures = { -readonly [Name in keyof typeof noFigures]: number };
export const noFigures = {
  lines: 0,
  people: 0,
  peopleThere: 0,
  conversations: 0,
  conversationsThere: 0,
  members: 0,
  messages: 0,
  messagesThere: 0,
  messagesTrimmed: 0,
  reactions: 0,
  receipts: 0,
  files: 0,
  filesThere: 0,
  filesMissing: 0,
  filesRefused: 0,
  /** Conversations whose members were let in. */
  opened: 0,
};

export type ImportFault = Readonly<{ line: number; error: string }>;
export type AccountImport = Readonly<Figures> & Readonly<{ faults: readonly ImportFault[] }>;

export type ImportOptions = Readonly<{
  open: OpenFile;
  /** Called after each transaction. */
  progress?: (figures: Readonly<Figures>) => void;
}>;

const repositories = { imports: Imports, users: Users, administration: UserAdministration, suspensions: Suspensions, auditLog: AuditLog };
export const importPorts = { ...attachmentPorts, store: unitOfWork(repositories), hashes: ImportedHashes, named: NamedIds, ...auditPorts };
type Given = Ports<typeof importPorts>;
type Tx = Writing<Ports<typeof repositories>>;

/** Lines of one transaction. */
const BATCH = 500;

type Waiting = {
  user: Placed<UserLine>[];
  conversation: Placed<DirectLine | GroupLine>[];
  member: Placed<MemberLine>[];
  message: Placed<MessageLine>[];
  reaction: Placed<ReactionLine>[];
  receipt: Placed<ReceiptLine>[];
};
const nothing = (): Waiting => ({ user: [], conversation: [], member: [], message: [], reaction: [], receipt: [] });

export const isRefusal = (error: unknown): error is ChatError =>
  error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal';

const detailOf = ({ details }: ChatError) =>
  Array.isArray(details) ? (details as { path?: readonly unknown[]; message?: string }[])[0] : undefined;

/** The line that a refusal names. */
function lineOf(error: ChatError): number | undefined {
  const [what, line] = detailOf(error)?.path ?? [];
  return what === 'lines' ? Number(line) : undefined;
}

/** The line and the reason of a refusal; `line` where it names none. */
export const faultOf = (error: ChatError, line: number): ImportFault => ({
  line: lineOf(error) ?? line,
  error: (detailOf(error)?.message ?? error.message).replace(/^line \d+: /, ''),
});

const linesIn = (waiting: Waiting): number[] => Object.values(waiting).flatMap((lines) => lines.map(({ line }) => line));

/** The lines before this one. */
const linesBefore = ({ user, conversation, member, message, reaction, receipt }: Waiting, line: number): Waiting => {
  const earlier = <Line>(lines: readonly Placed<Line>[]) => lines.filter((each) => each.line < line);
  return {
    user: earlier(user),
    conversation: earlier(conversation),
    member: earlier(member),
    message: earlier(message),
    reaction: earlier(reaction),
    receipt: earlier(receipt),
  };
};

/**
 * Imports an account's people, conversations and messages. Batches of lines are stored in transactions, in the order of the file; the first line
 * that cannot be imported ends it: what stands before it is stored, and nothing from there on. An import can be repeated: what is there is left alone. People see an
 * imported conversation once the whole file has been read (ImportRepository.admit), so an import that was cut off shows nothing half.
 */
export async function importAccount(
  ports: Given,
  { open, progress = () => {} }: ImportOptions,
  call: AdminCall,
  lines: AsyncIterable<ReadLine>,
): Promise<AccountImport> {
  const { account } = call;
  const ids = resolve.createSourceIds(ports.named, account);
  const people = new Map<string, UserId>();
  const conversations = new Map<string, resolve.KnownConversation>();
  const known: resolve.Known = { person: (source) => people.get(source), conversation: (source) => conversations.get(source) };
  const figures: Figures = { ...noFigures };
  const faults: ImportFault[] = [];
  let waiting = nothing();
  let count = 0;

  const store = () => ports.store.write(account, (tx) => storeBatch(ports, tx, ids, call, known, waiting));
  /** Again without the line that was refused and those after it, until nothing is: a batch has its kinds one after the other, so an earlier line may follow. */
  const storeUpToFault = async () => {
    for (let refusal: ChatError | undefined; ; ) {
      try {
        return { stored: await store(), refusal };
      } catch (error) {
        const all = linesIn(waiting);
        if (!isRefusal(error)) throw error;
        const line = lineOf(error);
        if (line === undefined || !all.includes(line))
          throw resolve.refuse(Math.min(...all), `nothing from here to line ${Math.max(...all)} is stored: ${error.message}`);
        [refusal, waiting] = [error, linesBefore(waiting, line)];
      }
    }
  };
  const flush = async (): Promise<void> => {
    if (count === 0) return;
    const { stored, refusal } = await storeUpToFault();
    for (const [source, id] of stored.people) people.set(source, id);
    for (const [source, id] of stored.conversations) conversations.set(source, id);
    for (const [name, more] of Object.entries(stored.figures)) figures[name as keyof Figures] += more;
    waiting = nothing();
    count = 0;
    progress(figures);
    if (refusal !== undefined) throw refusal;
  };
  const keepFile = async ({ line, value }: Placed<AttachmentLine>): Promise<void> => {
    if (!people.has(value.owner)) await flush();
    const ownerId = resolve.requirePerson(known, line, value.owner);
    const attachment = { accountId: account, id: ids.attachment(value.id), ownerId, name: value.name, file: value.file };
    const outcome = await importAttachment(ports, attachment, open);
    figures[({ stored: 'files', present: 'filesThere', missing: 'filesMissing', refused: 'filesRefused' } as const)[outcome]] += 1;
  };

  let last = 0;
  try {
    for await (const each of lines) {
      figures.lines += 1;
      last = each.line;
      if ('fault' in each) {
        await flush();
        faults.push({ line: each.line, error: each.fault });
        break;
      }
      if (each.value.type === 'attachment') await keepFile(each as Placed<AttachmentLine>);
      else {
        (waiting[each.value.type] as Placed<ExchangeLine>[]).push(each);
        count += 1;
      }
      if (count >= BATCH) await flush();
    }
    await flush();
    if (faults.length === 0)
      figures.opened = await admitAll(
        ports,
        call,
        [...conversations.values()].map(({ id }) => id),
      );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    faults.push(faultOf(error, last));
  } finally {
    // Also of one that is broken off: what it stored is there.
    const { people: made, conversations: opened, messages, files } = figures;
    await ports.store.write(account, (tx) =>
      recordAudit(ports, tx, call, accountActions.account_imported, { details: { people: made, conversations: opened, messages, files } }),
    );
  }
  return { ...figures, faults };
}

/** Ids of one question. */
const PAGE = 1_000;

async function admitAll(ports: Given, { account }: AdminCall, conversations: readonly ConversationId[]): Promise<number> {
  let opened = 0;
  for (let at = 0; at < conversations.length; at += PAGE) {
    const some = conversations.slice(at, at + PAGE);
    for (const id of await ports.store.read(account, (tx) => tx.imports.waiting(some))) {
      await ports.store.write(account, (tx) => tx.imports.admit(id));
      opened += 1;
    }
  }
  return opened;
}

/** In the order in which the kinds rest on each other, whichever order the lines had. Run again after a deadlock: it changes nothing but `tx`. */
async function storeBatch(ports: Given, tx: Tx, ids: resolve.SourceIds, { account }: AdminCall, before: resolve.Known, lines: Waiting) {
  const now = ports.clock.now();
  const made = lines.user.length === 0 ? undefined : await importPeople(ports, tx, account, ids, lines.user);
  const person = (source: string) => made?.people.get(source) ?? before.person(source);
  const added = new Map<string, resolve.KnownConversation>();
  const known: resolve.Known = { person, conversation: (source) => added.get(source) ?? before.conversation(source) };
  const given = lines.conversation.map((each) => {
    const conversation = resolve.conversationOf(known, ids, account, each, now);
    added.set(each.value.id, { id: conversation.id, kind: each.value.kind });
    return conversation;
  });
  const placed = given.length === 0 ? [] : await tx.imports.addConversations(given);
  for (const [index, { line, value }] of lines.conversation.entries()) {
    const place = placed[index];
    if (place?.isOther === true) throw resolve.refuse(line, resolve.OTHER);
    if (place !== undefined) added.set(value.id, { id: place.id, kind: value.kind });
  }
  const members = [
    ...given.flatMap((conversation, index) => resolve.membersOf(placed[index]?.id ?? conversation.id, conversation)),
    ...lines.member.map((each) => resolve.memberOf(known, each)),
  ];
  const joined = members.length === 0 ? 0 : await tx.imports.addMembers(members);
  const messages = lines.message.map((each) => resolve.messageOf(known, ids, each, now));
  const statuses = messages.length === 0 ? [] : await tx.imports.addMessages(messages);
  const late = lines.message[statuses.indexOf('late')];
  if (late !== undefined) throw resolve.refuse(late.line, resolve.LATE);
  const reactions = lines.reaction.map((each) => resolve.reactionOf(known, ids, each, now));
  const reacted = reactions.length === 0 ? 0 : await tx.imports.addReactions(reactions);
  const receipts = lines.receipt.map((each) => resolve.receiptOf(known, ids, each));
  if (receipts.length > 0) await tx.imports.setReceipts(receipts);
  const times = (status: string) => statuses.filter((each) => each === status).length;
  const newConversations = placed.filter((each) => each.added).length;
  const figures: Partial<Figures> = {
    people: made?.created ?? 0,
    peopleThere: made?.existing ?? 0,
    conversations: newConversations,
    conversationsThere: placed.length - newConversations,
    members: joined,
    messages: times('stored'),
    messagesThere: times('present'),
    messagesTrimmed: times('trimmed'),
    reactions: reacted,
    receipts: receipts.length,
  };
  return { people: made?.people ?? new Map<string, UserId>(), conversations: added, figures };
}
