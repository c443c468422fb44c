import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id, time } from '../kernel/types.ts';

const kinds = new Set(['mention', 'reply', 'added', 'friendRequested', 'friendAccepted', 'scheduledFailed']);

/** Adds a kind of notification, while a server is put together. Declaring it again changes nothing. */
export function declareNotificationKind(kind: string): void {
  kinds.add(kind);
}

const kind = z
  .string()
  .refine((value) => kinds.has(value), { error: 'is no kind that a feature declares' })
  .meta({
    description: 'ignore those that you do not know',
    // Read when the documents are made: features have declared theirs by then.
    get enum() {
      return [...kinds];
    },
  });

export const Notification = z
  .object({
    id: id('notification'),
    kind,
    actorId: id('user').meta({
      description: 'the user who caused it; you, of a scheduled message of yours that failed, of a reminder, and of what moderators do',
    }),
    conversationId: id('conversation').optional(),
    messageId: id('message').optional(),
    seq: counter.optional(),
    friendRequestId: id('friendRequest').optional(),
    scheduledMessageId: id('scheduledMessage').optional(),
    createdAt: time,
    readAt: time.optional(),
  })
  .meta({ id: 'Notification' });

export const notificationNew = event('notification:new', 'You have a new notification.', { notification: Notification });
