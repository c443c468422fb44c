import type { ConversationId, Instant, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { MentionChange } from '@coucou/domain/messages/message-change';
import { type Announcement, room } from '../kernel/audience.ts';
import { event, holdIds } from '../kernel/event.ts';

/**
 * Where and when a change took place; `accessVersion` is the conversation's at the commit. `withheld`: some present member may not see
 * the message (`history: 'joined'`), so the room receives the bare version, and clients ask `sync`.
 */
type Change = Readonly<{ conversationId: ConversationId; version: number; accessVersion: number; withheld: boolean }>;

/** Withheld changes share one event name, so that not even their kind is revealed. */
const toRoom = <const Name extends string>({ conversationId, accessVersion, withheld }: Omit<Change, 'version'>, name: Name) => [
  { event: withheld ? 'message:updated' : name, to: room(conversationId, accessVersion) } satisfies Announcement<Name | 'message:updated'>,
];

export const messagePosted = event<{
  message: Message;
  /** The conversation's access version at the commit: a node whose room is older reloads before it delivers. */
  accessVersion: number;
}>()({
  type: 'message.posted',
  tells: ['message:new'],
  audience: ({ message, accessVersion }) => [{ event: 'message:new', to: room(message.conversationId, accessVersion) }],
  // The log writes one for all messages of a batch in one conversation, in order. `version`: that of the first; each takes the next one.
  fact: ({ message }) => ({
    conversationId: message.conversationId,
    messageIds: [message.id] as readonly MessageId[],
    version: message.version,
  }),
});

export const messageUpdated = event<{
  message: Message;
  accessVersion: number;
  withheld: boolean;
  mentions?: MentionChange | undefined;
}>()({
  type: 'message.updated',
  tells: ['message:updated'],
  audience: ({ message: { conversationId }, accessVersion, withheld }) =>
    toRoom({ conversationId, accessVersion, withheld }, 'message:updated'),
  fact: ({ message: { conversationId, id, seq, version }, mentions }) => ({ conversationId, messageId: id, seq, version, mentions }),
});

export const messageDeleted = event<
  Change & { messageId: MessageId; seq: number; deletedAt: Instant; mentions: MentionChange | undefined }
>()({
  type: 'message.deleted',
  tells: ['message:deleted', 'message:updated'],
  audience: (change) => toRoom(change, 'message:deleted'),
  fact: ({ conversationId, messageId, seq, version, mentions }) => ({ conversationId, messageId, seq, version, mentions }),
});

/** A message is to be deleted at its time. The log writes one for each message that it stores. */
export const messageExpires = event<{ message: Message }>()({
  type: 'message.expires',
  tells: [],
  audience: () => [],
  fact: ({ message: { conversationId, id } }) => ({ conversationId, messageId: id }),
  reads: (fact) => holdIds(fact, 'conversationId', 'messageId'),
  dueAt: ({ message }) => message.expiresAt,
});

/**
 * Messages are gone that nobody saw any more, since the conversation had been trimmed. For features that keep something of their own for a
 * message: it tells of those with a message part.
 */
export const messagesTrimmed = event<{ conversationId: ConversationId; messageIds: readonly MessageId[] }>()({
  type: 'messages.trimmed',
  tells: [],
  audience: () => [],
  fact: ({ conversationId, messageIds }) => ({ conversationId, messageIds }),
});

/** One member does not want to see it any more; their feed tells them. */
export const messageHidden = event<{ conversationId: ConversationId; seq: number; userId: UserId }>()({
  type: 'message.hidden',
  tells: [],
  audience: () => [],
  fact: ({ conversationId, seq, userId }) => ({ conversationId, seq, userId }),
});

export const reactionChanged = event<
  Change & { messageId: MessageId; seq: number; emoji: string; userId: UserId; added: boolean; count: number }
>()({
  type: 'reaction.changed',
  tells: ['reaction:changed', 'message:updated'],
  audience: (change) => toRoom(change, 'reaction:changed'),
});

export const pinChanged = event<Change & { messageId: MessageId; seq: number; pinned: boolean; userId: UserId }>()({
  type: 'pin.changed',
  tells: ['pin:changed', 'message:updated'],
  audience: (change) => toRoom(change, 'pin:changed'),
});
