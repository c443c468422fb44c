import type { ConversationId, Instant, MessageId, NotificationId, UserId } from '../kernel/ids.ts';
import type { Concerned, NewNotification, Notification } from './notification.ts';

/** A message and the members it concerns. */
export type Concerning = Readonly<{ messageId: MessageId; seq: number; senderId: UserId; people: readonly Concerned[] }>;

export interface NotificationRepository {
  /** Those of the messages, undeleted, that mention somebody or reply to somebody else. */
  concerning(messages: readonly MessageId[]): Promise<readonly Readonly<{ conversationId: ConversationId; messageId: MessageId }>[]>;
  /** The members concerned by a message, without its sender; a mention of everyone counts for up to `most` members. */
  concerned(conversation: ConversationId, message: MessageId, most: number): Promise<Concerning | undefined>;
  /** Answers those that were not there already. */
  add(notifications: readonly NewNotification[]): Promise<Notification[]>;
  /**
   * Removes those of a message that it no longer gives rise to: all of a deleted one, and those of whom it mentions no more and does not
   * reply to. Answers what was removed. `hiddenFrom`: those of this person, whatever the message says.
   */
  withdraw(conversation: ConversationId, seq: number, hiddenFrom?: UserId): Promise<readonly Pick<Notification, 'id' | 'userId'>[]>;
  /** Answers how many were unread until now. Ids that are none of the person's count for nothing. */
  markRead(
    userId: UserId,
    which: Readonly<{ ids: readonly NotificationId[] }> | Readonly<{ upTo: NotificationId }>,
    at: Instant,
  ): Promise<number>;
}
