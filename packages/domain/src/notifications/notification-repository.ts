import type { ConversationId, FriendRequestId, Instant, MessageId, NotificationId, UserId } from '../kernel/ids.ts';
import type { Concerned, NewNotification, Notification } from './notification.ts';

/** One that was removed, and whose it was. */
export type Withdrawn = Pick<Notification, 'id' | 'userId'>;

/** A message and the members it concerns. */
export type Concerning = Readonly<{ messageId: MessageId; seq: number; senderId: UserId; people: readonly Concerned[] }>;

export interface NotificationRepository {
  /** Those of the messages, undeleted, that mention somebody or reply to somebody else. */
  concerning(messages: readonly MessageId[]): Promise<readonly Readonly<{ conversationId: ConversationId; messageId: MessageId }>[]>;
  /** The members concerned by a message, without its sender and those who have hidden it; a mention of everyone counts for up to `most` members. */
  concerned(conversation: ConversationId, message: MessageId, most: number): Promise<Concerning | undefined>;
  /** Answers those that were not there already. */
  add(notifications: readonly NewNotification[]): Promise<Notification[]>;
  /**
   * Removes the notifications that a message no longer justifies: all of a deleted one, else the mentions and replies of people it neither
   * mentions nor replies to. Returns what was removed. `hiddenFrom`: those of this person in any case.
   */
  withdraw(conversation: ConversationId, seq: number, hiddenFrom?: UserId): Promise<readonly Withdrawn[]>;
  /**
   * Removes up to `most` notifications of the conversation that belong to former members, who may still open their scheduled messages alone.
   * `of`: to this one only.
   */
  withdrawLeft(conversation: ConversationId, most: number, of?: UserId): Promise<readonly Withdrawn[]>;
  /** Removes the notifications of a friend request that was rejected or cancelled. */
  withdrawRequest(request: FriendRequestId): Promise<readonly Withdrawn[]>;
  /** Removes the notification that was given this key. */
  withdrawOnce(userId: UserId, once: string): Promise<readonly Withdrawn[]>;
  /** Answers how many were unread until now. Ids that are none of the person's count for nothing. */
  markRead(
    userId: UserId,
    which: Readonly<{ ids: readonly NotificationId[] }> | Readonly<{ upTo: NotificationId }>,
    at: Instant,
  ): Promise<number>;
}
