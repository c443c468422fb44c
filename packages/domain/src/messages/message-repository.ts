import type { Conversation } from '../conversations/conversation.ts';
import type { ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';
import type { Message } from './message.ts';
import type { ChangeableMessage, OpenedMessage } from './message-change.ts';

/**
 * Messages that are there already; new ones go through the log. Whoever changes one holds the lock of its conversation. Each change
 * writes the message's new version to the message and to the conversation.
 */
export interface MessageRepository {
  /** Where a message is; undefined to those who are no members there, as for an id that nobody has: strangers take no lock. */
  conversationOf(id: MessageId, member: UserId): Promise<ConversationId | undefined>;
  /** Undefined to those who may not see it: no members, hidden, before their time. What it shows of a reply is what everybody may see. */
  open(conversation: Conversation, id: MessageId, viewer: UserId): Promise<OpenedMessage | undefined>;
  /** As nobody in particular sees it: for what the system changes. Undefined when there is no such message in the conversation. */
  lookup(conversation: Conversation, id: MessageId): Promise<ChangeableMessage | undefined>;
  /** Keeps what was there before in the history. */
  edit(edited: Message, former: Message): Promise<void>;
  /** Clears what it said, and whatever leads to or hangs on it but its edits. */
  erase(deleted: Message): Promise<void>;
  react(message: Message, user: UserId, emoji: string, added: boolean, at: Instant): Promise<void>;
  amend(message: Message): Promise<void>;
  pin(message: Message, by: UserId, at: Instant): Promise<void>;
  countPins(id: ConversationId): Promise<number>;
  /** From one person's eyes; takes no version. False when it was hidden before. */
  hide(message: Message, user: UserId): Promise<boolean>;
}
