import type { Conversation } from '../conversations/conversation.ts';
import type { ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';
import type { Message } from './message.ts';
import type { ChangeableMessage, OpenedMessage } from './message-change.ts';

/**
 * Existing messages; new ones go through the log. Writers hold the lock of the conversation. Each change
 * writes the message's new version to the message and to the conversation.
 */
export interface MessageRepository {
  /** The conversation of a message; undefined for non-members, as for an unknown id, so that they take no lock. */
  conversationOf(id: MessageId, member: UserId): Promise<ConversationId | undefined>;
  /** Undefined when the viewer may not see it: not a member, hidden, or before joining. Its reply preview shows what all members may see. */
  open(conversation: Conversation, id: MessageId, viewer: UserId): Promise<OpenedMessage | undefined>;
  /** Independent of a viewer, for changes by the system. Undefined when there is no such message in the conversation. */
  lookup(conversation: Conversation, id: MessageId): Promise<ChangeableMessage | undefined>;
  /** Keeps the former content in the edit history. */
  edit(edited: Message, former: Message): Promise<void>;
  /** Clears the content and everything attached to it, except the edit history. */
  erase(deleted: Message): Promise<void>;
  react(message: Message, user: UserId, emoji: string, added: boolean, at: Instant): Promise<void>;
  amend(message: Message): Promise<void>;
  pin(message: Message, by: UserId, at: Instant): Promise<void>;
  countPins(id: ConversationId): Promise<number>;
  /** Hides it for one user, without a version. False when already hidden. */
  hide(message: Message, user: UserId): Promise<boolean>;
}
