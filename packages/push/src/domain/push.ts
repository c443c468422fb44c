import type { ConversationId, Instant, MessageId, NotificationId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { pushLimits } from './limits.ts';

/**
 * A push that waits for a device. It holds ids: what they stand for is read when it is sent. Of one topic the newest waits alone: a conversation, or
 * a notification that is of none. `revision` rises with each that took the place of one before.
 */
export type WaitingPush = Readonly<{ topic: string; revision: number; createdAt: Instant }>;

/** What is there to be said of a push at the time when it is sent; nothing where it is gone. */
export type PushState = WaitingPush &
  Readonly<{
    notification:
      | Readonly<{ id: NotificationId; kind: string; isRead: boolean; actorId: UserId; actorName: string | undefined }>
      | undefined;
    message:
      | Readonly<{
          id: MessageId;
          seq: number;
          senderId: UserId;
          senderName: string | undefined;
          content: string | undefined;
          isUnread: boolean;
          isHidden: boolean;
        }>
      | undefined;
    conversation:
      | Readonly<{
          id: ConversationId;
          type: 'direct' | 'group';
          title: string | undefined;
          notify: 'all' | 'mentions' | 'none';
          mutedUntil: Instant | undefined;
        }>
      | undefined;
    /** Between the person and whoever wrote or did it. */
    isBlocked: boolean;
  }>;

/** Of a message: for whom it is more than one of many. */
const isMention = (kind: string): boolean => kind === 'mention' || kind === 'reply';

/** Until when it is worth being delivered. */
const endsAt = ({ createdAt }: WaitingPush): Instant => addSeconds(createdAt, pushLimits.ttlSeconds);

/** Whether there still is something to tell of: not what was read, deleted, muted or left meanwhile. */
function holds(push: PushState, now: Instant): boolean {
  const { notification, message, conversation, isBlocked } = push;
  if (isPast(endsAt(push), now)) return false;
  // What somebody set for themselves, or was told of by the account, no mute of a conversation holds back, nor whose message it is about.
  if (notification !== undefined && !isMention(notification.kind)) return !notification.isRead && (message !== undefined || !isBlocked);
  if (message === undefined || conversation === undefined || isBlocked) return false;
  const isMuted = conversation.mutedUntil !== undefined && !isPast(conversation.mutedUntil, now);
  if (isMuted || conversation.notify === 'none' || message.isHidden || !message.isUnread) return false;
  return notification === undefined ? conversation.notify === 'all' : !notification.isRead;
}

const excerptOf = (content: string): string => {
  const letters = [...content];
  return letters.length <= pushLimits.excerpt ? content : `${letters.slice(0, pushLimits.excerpt - 1).join('')}…`;
};

/** What a lock screen shows: who or where, and the beginning of what. */
function shown({ message, notification, conversation }: PushState): Readonly<{ title: string | undefined; text: string | undefined }> {
  const name = message === undefined ? notification?.actorName : message.senderName;
  const text = message?.content === undefined ? undefined : excerptOf(message.content);
  if (conversation?.type !== 'group' || conversation.title === undefined) return { title: name, text };
  return { title: conversation.title, text: text === undefined ? name : `${name ?? ''}: ${text}` };
}

/** What the client's own code gets: ids alone, so that it asks the server for the rest. */
const dataOf = ({ message, notification, conversation }: PushState): Readonly<Record<string, unknown>> => ({
  kind: notification?.kind ?? 'message',
  conversationId: conversation?.id,
  messageId: message?.id,
  seq: message?.seq,
  notificationId: notification?.id,
});

/** Somebody is named, or asked something: a device that saves power is woken for it. */
const urgencyOf = ({ notification, conversation }: PushState): 'high' | 'normal' =>
  notification !== undefined || conversation?.type === 'direct' ? 'high' : 'normal';

export const Push = { holds, shown, dataOf, endsAt, urgencyOf };
