import type { Notification } from '@coucou/domain/notifications/notification';
import { event } from '../kernel/event.ts';

export const notificationCreated = event<{ notification: Notification }>()({
  type: 'notification.created',
  tells: ['notification:new'],
  audience: ({ notification: { userId } }) => [{ event: 'notification:new', to: { kind: 'devices', userId } }],
  fact: ({ notification: { id, userId } }) => ({ userId, notificationId: id }),
});
