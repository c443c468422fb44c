import { defaultSettings, withDefined } from '@coucou/domain/conversations/conversation';
import type {
  ImportedConversation,
  ImportedMember,
  ImportedMessage,
  ImportedReaction,
  ImportedReceipt,
} from '@coucou/domain/exchange/import-repository';
import { errors } from '@coucou/domain/kernel/errors';
import {
  type AccountId,
  asId,
  type AttachmentId,
  type ConversationId,
  type Id,
  type MessageId,
  type UserId,
} from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import type { NamedIds } from '../ports/named-ids.ts';
import type { DirectLine, GroupLine, MemberLine, MessageLine, ReactionLine, ReceiptLine, UserLine } from './lines.ts';

/** What a line of the file says, and where it stands. */
export type Placed<Line> = Readonly<{ line: number; value: Line }>;

/** `VALIDATION_FAILED` for a line that cannot be imported. */
export const refuse = (line: number, why: string): Error =>
  errors.VALIDATION_FAILED([{ path: ['lines', line], rule: 'import', message: `line ${line}: ${why}` }]);

export const LATE = 'the message is older than the newest of its conversation: messages come in the order of their times';

export const FUTURE = 'the time is in the future: what is said here afterwards would have it as well';
export const OTHER = 'another conversation has this id: of the other kind, or of other people';

export type KnownConversation = Readonly<{ id: ConversationId; kind: 'direct' | 'group' }>;

/** Which ids things of the source have here. */
export type Known = Readonly<{
  person: (source: string) => UserId | undefined;
  conversation: (source: string) => KnownConversation | undefined;
}>;

/**
 * The same source id has the same id here in every import into the account, so that what was stored is found again. Messages are named with
 * their conversation: some systems number them in each.
 */
export function createSourceIds({ uuid }: NamedIds, account: AccountId) {
  const of = <Kind extends string>(...parts: readonly string[]): Id<Kind> => asId(uuid(['import', account, ...parts]));
  return {
    user: (source: string): UserId => of('user', source),
    conversation: (source: string): ConversationId => of('conversation', source),
    message: (conversation: string, source: string): MessageId => of('message', conversation, source),
    attachment: (source: string): AttachmentId => of('attachment', source),
  };
}
export type SourceIds = ReturnType<typeof createSourceIds>;

export function requirePerson({ person }: Pick<Known, 'person'>, line: number, source: string): UserId {
  const id = person(source);
  if (id === undefined) throw refuse(line, `no line before describes the user ${JSON.stringify(source)}`);
  return id;
}

function requireConversation({ conversation }: Known, line: number, source: string): KnownConversation {
  const known = conversation(source);
  if (known === undefined) throw refuse(line, `no line before describes the conversation ${JSON.stringify(source)}`);
  return known;
}

/** By which the clock of the source may be ahead of ours. */
const SKEW_MS = 60_000;

/** Times of a conversation never go back: one of tomorrow would date everything that is said until then. */
function requirePast(line: number, time: string, now: Date): Date {
  const given = new Date(time);
  if (given.getTime() > now.getTime() + SKEW_MS) throw refuse(line, FUTURE);
  return given;
}

const at = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

export function userOf({ line, value }: Placed<UserLine>, accountId: AccountId, id: UserId, now: Date): User {
  const { username, email, displayName, avatarUrl, role, bio, custom } = value;
  const emailVerified = email !== undefined && value.emailVerified;
  const createdAt = value.createdAt === undefined ? now : requirePast(line, value.createdAt, now);
  const user = User.signUp({ accountId, id, username, email, emailVerified, displayName, avatarUrl, now: createdAt });
  return { ...user, role, bio, custom };
}

export function conversationOf(
  known: Known,
  ids: SourceIds,
  accountId: AccountId,
  { line, value }: Placed<DirectLine | GroupLine>,
  now: Date,
): ImportedConversation {
  if ((known.conversation(value.id)?.kind ?? value.kind) !== value.kind) throw refuse(line, OTHER);
  const base = { accountId, id: ids.conversation(value.id), createdAt: requirePast(line, value.createdAt, now) };
  if (value.kind === 'direct') {
    const [first, second] = value.people.map((source) => requirePerson(known, line, source)) as [UserId, UserId];
    if (first === second) throw refuse(line, 'both are the same person here');
    return { ...base, type: 'direct', createdBy: first, people: [first, second] };
  }
  const { title, description, visibility, avatarUrl, custom, settings, createdBy } = value;
  return {
    ...base,
    type: 'group',
    createdBy: requirePerson(known, line, createdBy),
    title,
    description,
    visibility,
    avatarUrl,
    custom,
    settings: withDefined(defaultSettings, settings),
  };
}

/** Of a direct conversation its two people, whose lines there are none of. */
export const membersOf = (id: ConversationId, conversation: ImportedConversation): readonly ImportedMember[] =>
  conversation.type === 'group'
    ? []
    : conversation.people.map((userId) => ({ conversationId: id, userId, role: 'member', joinedAt: undefined }));

export function memberOf(known: Known, { line, value }: Placed<MemberLine>): ImportedMember {
  const { id: conversationId, kind } = requireConversation(known, line, value.conversation);
  if (kind === 'direct') throw refuse(line, 'a direct conversation has its two people and no other members');
  return { conversationId, userId: requirePerson(known, line, value.user), role: value.role, joinedAt: at(value.joinedAt) };
}

export function messageOf(known: Known, ids: SourceIds, { line, value }: Placed<MessageLine>, now: Date): ImportedMessage {
  const { conversation, pinnedAt, pinnedBy } = value;
  const named = (source: string | undefined) => (source === undefined ? undefined : ids.message(conversation, source));
  const senderId = requirePerson(known, line, value.author);
  return {
    id: ids.message(conversation, value.id),
    conversationId: requireConversation(known, line, conversation).id,
    senderId,
    createdAt: requirePast(line, value.createdAt, now),
    type: value.kind,
    content: value.text,
    data: value.data,
    replyToId: named(value.replyTo),
    threadRootId: named(value.thread),
    mentions: [...new Set(value.mentions.map((source) => requirePerson(known, line, source)))],
    mentionAll: value.mentionAll,
    attachmentIds: [...new Set(value.attachments.map(ids.attachment))],
    forwarded: value.forwarded,
    editedAt: at(value.editedAt),
    deletedAt: at(value.deletedAt),
    pinned:
      pinnedAt === undefined
        ? undefined
        : { at: new Date(pinnedAt), by: pinnedBy === undefined ? senderId : requirePerson(known, line, pinnedBy) },
  };
}

export const reactionOf = (known: Known, ids: SourceIds, { line, value }: Placed<ReactionLine>, now: Date): ImportedReaction => ({
  conversationId: requireConversation(known, line, value.conversation).id,
  messageId: ids.message(value.conversation, value.message),
  userId: requirePerson(known, line, value.user),
  emoji: value.emoji,
  createdAt: at(value.createdAt) ?? now,
});

export const receiptOf = (known: Known, ids: SourceIds, { line, value }: Placed<ReceiptLine>): ImportedReceipt => ({
  conversationId: requireConversation(known, line, value.conversation).id,
  userId: requirePerson(known, line, value.user),
  messageId: value.read === null ? undefined : ids.message(value.conversation, value.read),
});
