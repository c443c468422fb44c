import type { ConversationSettings, Member, Visibility } from '../conversations/conversation.ts';
import type { MemberRole } from '../conversations/permissions.ts';
import type { AccountId, AttachmentId, ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';
import type { MessageType } from '../messages/message.ts';

export type ImportedConversation = Readonly<{
  accountId: AccountId;
  id: ConversationId;
  createdBy: UserId;
  createdAt: Instant;
}> &
  (
    | Readonly<{ type: 'direct'; people: readonly [UserId, UserId] }>
    | Readonly<{
        type: 'group';
        title: string;
        description: string | undefined;
        visibility: Visibility;
        avatarUrl: string | undefined;
        custom: Readonly<Record<string, unknown>> | undefined;
        settings: ConversationSettings;
      }>
  );

export type ImportedMember = Readonly<{ conversationId: ConversationId; userId: UserId; role: MemberRole; joinedAt: Instant | undefined }>;

export type ImportedMessage = Readonly<{
  id: MessageId;
  conversationId: ConversationId;
  senderId: UserId;
  createdAt: Instant;
  type: MessageType;
  content: string | undefined;
  data: Readonly<Record<string, unknown>> | undefined;
  replyToId: MessageId | undefined;
  threadRootId: MessageId | undefined;
  mentions: readonly UserId[];
  mentionAll: boolean;
  attachmentIds: readonly AttachmentId[];
  forwarded: boolean;
  editedAt: Instant | undefined;
  deletedAt: Instant | undefined;
  pinned: Readonly<{ at: Instant; by: UserId }> | undefined;
}>;

/**
 * `present`: it was there already. `trimmed`: older than what the conversation keeps. `late`: older than the newest message of its
 * conversation, so it has no place in the order.
 */
export type ImportedMessageStatus = 'stored' | 'present' | 'trimmed' | 'late';

export type ImportedReaction = Readonly<{
  conversationId: ConversationId;
  messageId: MessageId;
  userId: UserId;
  emoji: string;
  createdAt: Instant;
}>;

/** `messageId` undefined: nothing was read. */
export type ImportedReceipt = Readonly<{ conversationId: ConversationId; userId: UserId; messageId: MessageId | undefined }>;

/** The id that a conversation has here, and whether it was added; `isOther`: what has the id is of another kind, or of other people. */
export type PlacedConversation = Readonly<{ id: ConversationId; added: boolean; isOther: boolean }>;

/**
 * Stores what came from elsewhere, as it was there. Members of an imported conversation are let in when everything is there (`admit`): until
 * then nobody sees it, and nobody writes between two of its messages.
 */
export interface ImportRepository {
  /** Which of these people are there, deleted ones included. */
  knownPeople(ids: readonly UserId[]): Promise<ReadonlySet<UserId>>;
  /** In their order. Of two people there is one direct conversation. */
  addConversations(conversations: readonly ImportedConversation[]): Promise<readonly PlacedConversation[]>;
  /** Memberships that wait to be let in; those that are there, ended ones too, stay as they are. Answers how many were added. */
  addMembers(members: readonly ImportedMember[]): Promise<number>;
  /** Numbers them in their order, behind what is there. What they refer to and is not there is left out. */
  addMessages(messages: readonly ImportedMessage[]): Promise<readonly ImportedMessageStatus[]>;
  /** Answers how many were added. */
  addReactions(reactions: readonly ImportedReaction[]): Promise<number>;
  /** Of members who wait, and of those who have been let in: there marks never go back. */
  setReceipts(receipts: readonly ImportedReceipt[]): Promise<void>;
  /** Lets everybody in who waits, with one version, and makes somebody the owner of a group that would have none. Answers how many. */
  admit(conversation: ConversationId): Promise<number>;
  /** Which of these wait for members to be let in. */
  waiting(conversations: readonly ConversationId[]): Promise<readonly ConversationId[]>;
  /** Those who were let in with this version and are present, after `after`, by their ids. */
  admitted(conversation: ConversationId, version: number, after: UserId | undefined, limit: number): Promise<readonly Member[]>;
}
