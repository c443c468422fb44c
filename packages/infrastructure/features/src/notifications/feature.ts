import { bind } from '@coucou/application/kernel/operation';
import { listNotifications } from '@coucou/application/notifications/list-notifications';
import { markNotifications } from '@coucou/application/notifications/mark-notifications';
import { NotificationReader } from '@coucou/application/notifications/notification-reader';
import {
  notifyOfAcceptance,
  notifyOfAddition,
  notifyOfCreation,
  notifyOfMessages,
  notifyOfRequest,
} from '@coucou/application/notifications/notify';
import {
  notifyOfEdits,
  withdrawCancelled,
  withdrawDeleted,
  withdrawFromLeaver,
  withdrawHidden,
  withdrawOfConversation,
  withdrawRejected,
} from '@coucou/application/notifications/notify-of-changes';
import { notifyOfFailure, withdrawAmended } from '@coucou/application/notifications/notify-of-scheduled';
import { Notifications } from '@coucou/application/notifications/repositories';
import { listNotifications as listContract } from '@coucou/contracts/notifications/list-notifications';
import { markNotifications as markContract } from '@coucou/contracts/notifications/mark-notifications';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createNotificationReader } from '@coucou/postgres/notifications/notification-reader';
import { createNotificationRepository } from '@coucou/postgres/notifications/notification-repository';
import { feature } from '../feature.ts';
import { notificationEvents } from './events.ts';
import { presentNotificationPage, presentUnreadCount } from './presenters.ts';

export const notificationsFeature = feature({
  name: 'notifications',
  operations: [bind(listContract, listNotifications, presentNotificationPage), bind(markContract, markNotifications, presentUnreadCount)],
  events: notificationEvents,
  subscribers: [
    notifyOfMessages,
    notifyOfCreation,
    notifyOfAddition,
    notifyOfRequest,
    notifyOfAcceptance,
    notifyOfEdits,
    withdrawDeleted,
    withdrawHidden,
    withdrawFromLeaver,
    withdrawOfConversation,
    withdrawCancelled,
    withdrawRejected,
    notifyOfFailure,
    withdrawAmended,
  ],
  storage: {
    repositories: [repository(Notifications, createNotificationRepository)],
    readers: [reader(NotificationReader, createNotificationReader)],
  },
});
