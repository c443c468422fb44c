import type { Conversation } from '../conversations/conversation.ts';
import { may } from '../conversations/permissions.ts';
import { errors } from '../kernel/errors.ts';
import type { Instant, UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { addSeconds, isPast } from '../kernel/time.ts';
import { type Message, messageErrors, type PostingSnapshot, requirePosting, requireUnhindered } from './message.ts';
import { type MessageSizes, requireEditSize } from './message-sizes.ts';

/** A message that somebody can see, with what a decision about it rests on, all read under the conversation's lock. */
export type OpenedMessage = Readonly<{
  conversation: Conversation;
  message: Message;
  viewer: UserId;
  /** The viewer is a present member. */
  snapshot: PostingSnapshot & Readonly<{ member: NonNullable<PostingSnapshot['member']> }>;
  /** Some present member may not see it. */
  withheld: boolean;
}>;

/** A message under its conversation's lock, with what every change of it needs. */
export type ChangeableMessage = Pick<OpenedMessage, 'conversation' | 'message' | 'withheld'>;

export type Revision = Readonly<{
  content: string;
  /** Absent: as they are. */
  mentions?: Readonly<{ mentions: readonly UserId[]; mentionAll: boolean }> | undefined;
}>;

/** Time limit after posting, in seconds; undefined: no limit. */
export type Window = number | undefined;

const isOpen = (message: Message, window: Window, now: Instant): boolean =>
  window === undefined || !isPast(addSeconds(message.createdAt, window), now);

const nextVersion = ({ conversation }: Pick<OpenedMessage, 'conversation'>): number => conversation.version + 1;

function requireUndeleted({ deletedAt }: Message): void {
  if (deletedAt !== undefined) throw messageErrors.MESSAGE_NOT_FOUND();
}

const sameMentions = (a: Message, b: Message): boolean =>
  a.mentionAll === b.mentionAll && a.mentions.length === b.mentions.length && a.mentions.every((id) => b.mentions.includes(id));

/** Who is mentioned now and was not before, and the other way round; by name, or with everyone. */
export type MentionChange = Readonly<{ added: readonly UserId[]; dropped: readonly UserId[]; everyone: 'added' | 'dropped' | 'same' }>;

/** Undefined when they are the same. */
function mentionsChanged(before: Message, after: Message): MentionChange | undefined {
  if (sameMentions(before, after)) return undefined;
  return {
    added: after.mentions.filter((id) => !before.mentions.includes(id)),
    dropped: before.mentions.filter((id) => !after.mentions.includes(id)),
    everyone: before.mentionAll === after.mentionAll ? 'same' : after.mentionAll ? 'added' : 'dropped',
  };
}

/** Only its author edits a message, as long as they may still post. Undefined when nothing changes. */
function edit(
  opened: OpenedMessage,
  { content, mentions }: Revision,
  { editWindowSeconds: window, ...sizes }: MessageSizes & Readonly<{ editWindowSeconds: Window }>,
  now: Instant,
): Message | undefined {
  const { message, viewer, snapshot } = opened;
  requireUndeleted(message);
  // A message that a feature made is shown by its part, which is the feature's to change.
  const isMade = message.type === 'custom' && message.parts !== undefined;
  if (message.senderId !== viewer || message.type === 'system' || isMade) throw errors.FORBIDDEN({ action: 'edit' });
  const edited: Message = { ...message, ...mentions, content, version: nextVersion(opened), editedAt: now };
  // A mention of everyone that is there already was allowed when it was made.
  requirePosting(snapshot, { ...edited, mentionAll: edited.mentionAll && !message.mentionAll }, now);
  if (!isOpen(message, window, now)) throw messageErrors.EDIT_WINDOW_CLOSED({ seconds: window });
  requireEditSize(message, content, sizes);
  return edited.content === message.content && sameMentions(edited, message) ? undefined : edited;
}

const emptied = (changeable: ChangeableMessage, deletedAt: Instant): Message => ({
  ...changeable.message,
  content: undefined,
  data: undefined,
  parts: undefined,
  mentions: [],
  mentionAll: false,
  attachments: [],
  reactions: [],
  pinned: false,
  version: nextVersion(changeable),
  deletedAt,
});

/** The author within the time limit, and members who may delete others' messages. Undefined when already deleted. */
function deleteForEveryone(opened: OpenedMessage, window: Window, now: Instant): Message | undefined {
  const { message, viewer, snapshot } = opened;
  if (message.deletedAt !== undefined) return undefined;
  if (!may(snapshot.type, snapshot.member.role, 'deleteOthers')) {
    if (message.senderId !== viewer) throw errors.FORBIDDEN({ action: 'deleteOthers' });
    if (!isOpen(message, window, now)) throw messageErrors.EDIT_WINDOW_CLOSED({ seconds: window });
  }
  return emptied(opened, now);
}

/** The system deletes a message whose time has come. Undefined when it is deleted already, or has no such time. */
const expire = (changeable: ChangeableMessage, now: Instant): Message | undefined =>
  changeable.message.deletedAt !== undefined || changeable.message.expiresAt === undefined ? undefined : emptied(changeable, now);

/** A moderator of the account deletes a message, in a conversation of others as well. Undefined when it is deleted already. */
const moderate = (changeable: ChangeableMessage, now: Instant): Message | undefined =>
  changeable.message.deletedAt === undefined ? emptied(changeable, now) : undefined;

/** Who may read former contents: the author, and members who may read edits; of a deleted message only those who may also delete it. */
function requireHistory({ message, viewer, snapshot }: OpenedMessage): void {
  const { role } = snapshot.member;
  const reads = may(snapshot.type, role, 'readEdits');
  if (message.deletedAt !== undefined ? reads && may(snapshot.type, role, 'deleteOthers') : reads || message.senderId === viewer) return;
  throw errors.FORBIDDEN({ action: 'readEdits' });
}

export type Reacted = Readonly<{ message: Message; count: number }>;

const countOf = (message: Message, emoji: string) => message.reactions.find((reaction) => reaction.emoji === emoji);

const withCount = (opened: OpenedMessage, emoji: string, count: number, mine: boolean): Reacted => {
  const others = opened.message.reactions.filter((reaction) => reaction.emoji !== emoji);
  const reactions = count === 0 ? others : [...others, { emoji, count, mine }];
  return { message: { ...opened.message, reactions, version: nextVersion(opened) }, count };
};

/** Undefined when the viewer reacted so already. */
function react(opened: OpenedMessage, emoji: string, { mostReactions: limit }: MessageSizes): Reacted | undefined {
  const { message, snapshot } = opened;
  requireUndeleted(message);
  requireUnhindered(snapshot);
  if (!may(snapshot.type, snapshot.member.role, 'react')) throw errors.FORBIDDEN({ action: 'react' });
  const known = countOf(message, emoji);
  if (known?.mine) return undefined;
  if (known === undefined && message.reactions.length >= limit) throw messageErrors.REACTION_LIMIT_REACHED({ limit });
  return withCount(opened, emoji, (known?.count ?? 0) + 1, true);
}

/** Undefined when there is no such reaction. */
function unreact(opened: OpenedMessage, emoji: string): Reacted | undefined {
  requireUndeleted(opened.message);
  const known = countOf(opened.message, emoji);
  return known?.mine ? withCount(opened, emoji, known.count - 1, false) : undefined;
}

/** `pins` is the number of pinned messages, counted under the lock. Undefined when nothing changes. */
function pin(opened: OpenedMessage, pinned: boolean, pins: number): Message | undefined {
  const { message, snapshot } = opened;
  requireUndeleted(message);
  requireUnhindered(snapshot);
  if (!may(snapshot.type, snapshot.member.role, 'pin')) throw errors.FORBIDDEN({ action: 'pin' });
  if (message.pinned === pinned) return undefined;
  if (pinned && pins >= limits.pins) throw messageErrors.PIN_LIMIT_REACHED({ limit: limits.pins });
  return { ...message, pinned, version: nextVersion(opened) };
}

/** A feature changes what it shows in a message; whether it may is its own decision. Throws `MESSAGE_NOT_FOUND` for a deleted one. */
function amend(changeable: ChangeableMessage, part: string, value: unknown): Message {
  const { message } = changeable;
  requireUndeleted(message);
  return { ...message, parts: { ...message.parts, [part]: value }, version: nextVersion(changeable) };
}

/** Changes to a message that is there; each takes the conversation's next version. */
export const MessageChange = { mentionsChanged, edit, deleteForEveryone, expire, moderate, requireHistory, react, unreact, pin, amend };
