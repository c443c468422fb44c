import { BlockRules } from '../blocks/block-rules.ts';
import { type ConversationSettings, conversationErrors, type Member } from '../conversations/conversation.ts';
import { type ConversationType, type MemberRole, may } from '../conversations/permissions.ts';
import { type ChatError, defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, AttachmentId, ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';
import { isPast } from '../kernel/time.ts';
import { hasVisible } from '../kernel/visible.ts';
import { muteErrors } from '../moderation/mute.ts';
import { suspensionErrors } from '../moderation/suspension.ts';

export const messageErrors = defineErrors('', {
  MESSAGE_NOT_FOUND: ['not_found', 'There is no such message.'],
  POSTING_NOT_ALLOWED: ['forbidden', 'You cannot post in this conversation at the moment.'],
  CLIENT_MESSAGE_ID_CONFLICT: ['invalid', 'This clientMessageId was already used for another message; generate a new one.'],
  MENTION_INVALID: ['invalid', 'Only members of the conversation can be mentioned.'],
  EDIT_WINDOW_CLOSED: ['forbidden', 'This message is too old to be edited or deleted.'],
  REACTION_LIMIT_REACHED: ['conflict', 'This message has reached its maximum number of different reactions.'],
  PIN_LIMIT_REACHED: ['conflict', 'This conversation has reached its maximum number of pinned messages; unpin one first.'],
  MESSAGE_REFUSED: ['forbidden', 'The service that checks the messages of this account refused this one; the reason is its own.'],
  HOOK_UNAVAILABLE: ['unavailable', 'The service that checks the messages of this account does not answer; try again in a moment.'],
  SLOW_MODE: ['rate_limited', 'This conversation is in slow mode; wait before you post again.'],
});

export type MessageType = 'text' | 'image' | 'file' | 'system' | 'custom';

/** What an attachment looks like inside a message. */
export type AttachmentSummary = Readonly<{
  id: AttachmentId;
  name: string;
  type: string;
  size: number;
  width: number | undefined;
  height: number | undefined;
  hasThumbnail: boolean;
}>;

/** The message replied to, as it is now; never a copy. */
export type ReplyPreview = Readonly<{
  id: MessageId;
  seq: number;
  senderId: UserId;
  type: MessageType;
  content: string | undefined;
  deletedAt: Instant | undefined;
}>;

/** `mine` is the viewer's, where a viewer asked. */
export type ReactionCount = Readonly<{ emoji: string; count: number; mine: boolean }>;

/** What features show in a message, by the name of the part: plain JSON as it goes over the wire, the same for every viewer. */
export type MessageParts = Readonly<Record<string, unknown>>;

export type Message = Readonly<{
  accountId: AccountId;
  conversationId: ConversationId;
  seq: number;
  id: MessageId;
  version: number;
  senderId: UserId;
  clientMessageId: string;
  type: MessageType;
  content: string | undefined;
  data: Readonly<Record<string, unknown>> | undefined;
  parts: MessageParts | undefined;
  replyTo: ReplyPreview | undefined;
  threadRoot: MessageRef | undefined;
  mentions: readonly UserId[];
  mentionAll: boolean;
  attachments: readonly AttachmentSummary[];
  reactions: readonly ReactionCount[];
  pinned: boolean;
  forwarded: boolean;
  createdAt: Instant;
  editedAt: Instant | undefined;
  deletedAt: Instant | undefined;
  /** When the system deletes it for everyone; undefined: never. */
  expiresAt: Instant | undefined;
}>;

/** A message by both of its names. */
export type MessageRef = Readonly<{ id: MessageId; seq: number }>;

/** What a person sends, as checked by the schema and resolved by the use-case. */
export type MessageContent = Pick<
  Message,
  'type' | 'content' | 'data' | 'parts' | 'replyTo' | 'threadRoot' | 'mentions' | 'mentionAll' | 'attachments' | 'forwarded'
> &
  Readonly<{ /** Counted from the moment it is stored; absent: it stays. */ expiresInSeconds?: number | undefined }>;

/** What a posting decision rests on; `accessVersion` proves to the append that it still holds. */
export type PostingSnapshot = Readonly<{
  type: ConversationType;
  settings: ConversationSettings;
  accessVersion: number;
  member: Pick<Member, 'role' | 'leftAt' | 'postingMutedUntil'> | undefined;
  /** In a direct conversation: one of the two blocked the other. */
  blocked: boolean;
  /** The sender is. */
  suspended: boolean;
  /** The sender is kept from writing in the whole account until then; it may be past. */
  mutedUntil: Instant | undefined;
}>;

/** A decided message that has no place in the order yet. */
export type MessageDraft = MessageContent &
  Readonly<{
    accountId: AccountId;
    conversationId: ConversationId;
    id: MessageId;
    senderId: UserId;
    clientMessageId: string;
    accessVersion: number;
    /**
     * In a group, what else it depends on: it holds at a later version too while this is unchanged and the group lets them post. In a
     * direct conversation there is none.
     */
    seat?: Readonly<{ role: MemberRole; announces: boolean }> | undefined;
    /** Whether it counts as unread for the others: not a system message, not a thread reply. */
    countable: boolean;
    /** Whether the conversation's slow mode holds for the sender. */
    slowable: boolean;
  }>;

function requireContent({ type, content, data, parts, attachments }: MessageContent): void {
  const missing =
    content !== undefined && !hasVisible(content)
      ? 'content'
      : type === 'custom'
        ? data === undefined && parts === undefined && 'data'
        : type === 'image' || type === 'file'
          ? attachments.length === 0 && 'attachmentIds'
          : content === undefined && attachments.length === 0 && 'content';
  if (missing)
    throw errors.VALIDATION_FAILED([{ path: [missing], rule: 'required', message: `A message of type ${type} requires this field.` }]);
}

export type NewMessage = MessageContent &
  Readonly<{ accountId: AccountId; conversationId: ConversationId; id: MessageId; senderId: UserId; clientMessageId: string }>;

/** Why a member cannot post in a conversation now, regardless of content. */
export type PostingObstacle = 'membership' | 'suspension' | 'block' | 'announcements' | 'role' | 'mute' | 'accountMute';

/** Why a member cannot change anything here, pins and reactions included. */
const hindrance = ({ blocked, suspended }: Pick<PostingSnapshot, 'blocked' | 'suspended'>): 'suspension' | 'block' | undefined =>
  suspended ? 'suspension' : BlockRules.allowsMutually('message', blocked) ? undefined : 'block';

const isAhead = (until: Instant | undefined, now: Instant): boolean => until !== undefined && !isPast(until, now);

/** Undefined when they may post. The one rule of who posts: sending, editing and typing ask it. */
export function postingObstacle(snapshot: PostingSnapshot | undefined, now: Instant): PostingObstacle | undefined {
  const member = snapshot?.member;
  if (snapshot === undefined || member === undefined || member.leftAt !== undefined) return 'membership';
  const hindered = hindrance(snapshot);
  if (hindered !== undefined) return hindered;
  if (isAhead(snapshot.mutedUntil, now)) return 'accountMute';
  const { announcementsOnly } = snapshot.settings;
  if (!may(snapshot.type, member.role, announcementsOnly ? 'announce' : 'post')) return announcementsOnly ? 'announcements' : 'role';
  return isAhead(member.postingMutedUntil, now) ? 'mute' : undefined;
}

/** The answer for the user. It does not reveal who blocked whom, nor to a non-member that the conversation exists. */
function refusalOf(obstacle: PostingObstacle, snapshot: PostingSnapshot | undefined): ChatError {
  switch (obstacle) {
    case 'membership':
      return conversationErrors.CONVERSATION_NOT_FOUND();
    case 'suspension':
      return suspensionErrors.SUSPENDED();
    case 'block':
      return messageErrors.POSTING_NOT_ALLOWED({ reason: 'unavailable' });
    case 'mute':
      return messageErrors.POSTING_NOT_ALLOWED({ reason: 'muted', until: snapshot?.member?.postingMutedUntil?.toISOString() });
    case 'accountMute':
      return muteErrors.MUTED({ until: snapshot?.mutedUntil?.toISOString() });
    case 'announcements':
    case 'role':
      return messageErrors.POSTING_NOT_ALLOWED({ reason: obstacle });
  }
}

/** Throws when a member may do nothing here. */
export function requireUnhindered(snapshot: PostingSnapshot): void {
  const hindered = hindrance(snapshot);
  if (hindered !== undefined) throw refusalOf(hindered, snapshot);
}

type Poster = PostingSnapshot & Readonly<{ member: NonNullable<PostingSnapshot['member']> }>;

/** Throws unless the user may post here, now; `CONVERSATION_NOT_FOUND` for non-members. */
export function requirePoster(snapshot: PostingSnapshot | undefined, now: Instant): Poster {
  const member = snapshot?.member;
  const obstacle = postingObstacle(snapshot, now);
  if (obstacle !== undefined) throw refusalOf(obstacle, snapshot);
  if (snapshot === undefined || member === undefined) throw refusalOf('membership', snapshot);
  return { ...snapshot, member };
}

/** Throws unless the user may write this here, now; `CONVERSATION_NOT_FOUND` for non-members. */
export function requirePosting(snapshot: PostingSnapshot | undefined, message: MessageContent, now: Instant): Poster {
  const poster = requirePoster(snapshot, now);
  if (message.mentionAll && !may(poster.type, poster.member.role, 'mentionAll')) throw messageErrors.MENTION_INVALID({ mention: '@all' });
  requireContent(message);
  return poster;
}

/** Decides whether the user may post this here, now. */
function post(given: PostingSnapshot | undefined, message: NewMessage, now: Instant): MessageDraft {
  const { member, ...snapshot } = requirePosting(given, message, now);
  return {
    ...message,
    accessVersion: snapshot.accessVersion,
    seat: snapshot.type === 'group' ? { role: member.role, announces: may(snapshot.type, member.role, 'announce') } : undefined,
    countable: message.type !== 'system' && message.threadRoot === undefined,
    slowable: !may(snapshot.type, member.role, 'skipSlowMode'),
  };
}

export const Message = { post };
