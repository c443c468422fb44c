import { wired } from '@coucou/application/kernel/event';
import { notificationCreated } from '@coucou/application/notifications/notification-events';
import { notificationNew } from '@coucou/contracts/notifications/notification';
import { presentNotification } from './presenters.ts';

export const notificationEvents = [
  wired(
    notificationCreated,
    { 'notification:new': notificationNew },
    { 'notification:new': ({ notification }, { at }) => ({ at, notification: presentNotification(notification) }) },
  ),
];
