import type { AccountId, AttachmentId, ConversationId, Instant, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { AttachmentSummary, Message, MessageRef, ReplyPreview } from '@coucou/domain/messages/message';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** A place in a conversation: a seq, or a time. */
export type Place = number | Instant;

export type HistoryRequest = Readonly<{ limit: number } & ({ before?: Place } | { after: Place } | { around: Place })>;

/** Ascending by seq. */
export type HistoryPage = Readonly<{ items: readonly Message[]; hasBefore: boolean; hasAfter: boolean }>;

/** What a new message refers to, by the ids its sender named. */
export type References = Readonly<{
  replyToId: MessageId | undefined;
  threadRootId: MessageId | undefined;
  attachmentIds: readonly AttachmentId[];
  mentions: readonly UserId[];
}>;

/** The references found: only what the sender may refer to from this conversation. */
export type ResolvedReferences = Readonly<{
  replyTo: ReplyPreview | undefined;
  /** `inThread`: it is a reply in a thread itself, and no root. */
  threadRoot: (MessageRef & Readonly<{ inThread: boolean }>) | undefined;
  /** The sender's own, uploaded completely; in the order named. */
  attachments: readonly AttachmentSummary[];
  /** Those who are members. */
  mentions: readonly UserId[];
  /** The access version as of which every member may see the content of `replyTo`. */
  accessVersion: number | undefined;
}>;

/** A former content of a message. */
export type FormerContent = Readonly<{ content: string | undefined; editedAt: Instant; editedBy: UserId }>;

export interface MessageReader {
  /** Undeleted messages that the sender can see, own attachments, present members; in one query. */
  references(account: AccountId, sender: UserId, conversation: ConversationId, named: References): Promise<ResolvedReferences>;
  /** Constant cost at any depth; undefined for non-members. */
  history(account: AccountId, viewer: UserId, conversation: ConversationId, request: HistoryRequest): Promise<HistoryPage | undefined>;
  /** The validator of every page of the history; undefined for non-members. */
  validateHistory(account: AccountId, viewer: UserId, conversation: ConversationId): Promise<string | undefined>;
  /** Undefined when the viewer may not see it. */
  find(account: AccountId, viewer: UserId, id: MessageId): Promise<Message | undefined>;
  /** Those of them that the viewer may see, in no particular order; in one query. */
  findMany(account: AccountId, viewer: UserId, ids: readonly MessageId[]): Promise<readonly Message[]>;
  /** Former contents, newest first; does not check permissions. */
  edits(account: AccountId, conversation: ConversationId, seq: number, page: PageRequest): Promise<Page<FormerContent>>;
  /** The newest pin first; undefined for non-members. */
  pins(account: AccountId, viewer: UserId, conversation: ConversationId, page: PageRequest): Promise<Page<Message> | undefined>;
}
export const MessageReader = token<MessageReader>('MessageReader');
