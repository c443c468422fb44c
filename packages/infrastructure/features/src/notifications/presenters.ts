import type { NotificationPage } from '@coucou/application/notifications/notification-reader';
import type { Notification as WireNotification } from '@coucou/contracts/notifications/notification';
import type { Notification } from '@coucou/domain/notifications/notification';
import type { z } from 'zod';

export const presentNotification = (notification: Notification): z.infer<typeof WireNotification> => ({
  id: notification.id,
  kind: notification.kind,
  actorId: notification.actorId,
  conversationId: notification.conversationId,
  messageId: notification.messageId,
  seq: notification.seq,
  friendRequestId: notification.friendRequestId,
  scheduledMessageId: notification.scheduledMessageId,
  createdAt: notification.createdAt.toISOString(),
  readAt: notification.readAt?.toISOString(),
});

export const presentNotificationPage = ({ items, nextCursor, unread }: NotificationPage) => ({
  items: items.map(presentNotification),
  nextCursor: nextCursor ?? null,
  unread,
});

export const presentUnreadCount = ({ unread }: Readonly<{ unread: number }>) => ({ unread });
