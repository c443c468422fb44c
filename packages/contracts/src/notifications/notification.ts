import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id, time } from '../kernel/types.ts';

export const Notification = z
  .object({
    id: id('notification'),
    kind: z.enum(['mention', 'reply', 'added', 'friendRequested', 'friendAccepted', 'scheduledFailed']),
    actorId: id('user').meta({ description: 'the user who caused it; of a scheduled message that failed you, its author' }),
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
