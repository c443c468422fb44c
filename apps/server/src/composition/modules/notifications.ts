import { bind } from '@coucou/application/kernel/module';
import { listNotifications } from '@coucou/application/notifications/list-notifications';
import { markNotifications } from '@coucou/application/notifications/mark-notifications';
import {
  forward,
  notifyOfAcceptance,
  notifyOfAddition,
  notifyOfCreation,
  notifyOfMessages,
  notifyOfRequest,
} from '@coucou/application/notifications/notify';
import { listNotifications as listContract } from '@coucou/contracts/notifications/list-notifications';
import { markNotifications as markContract } from '@coucou/contracts/notifications/mark-notifications';
import { presentNotificationPage, presentUnreadCount } from '@coucou/features/notifications/presenters';
import type { Module } from '../compose.ts';

export const notifications: Module = {
  name: 'notifications',
  operations: [bind(listContract, listNotifications, presentNotificationPage), bind(markContract, markNotifications, presentUnreadCount)],
  subscribers: [notifyOfMessages, notifyOfCreation, notifyOfAddition, notifyOfRequest, notifyOfAcceptance, forward],
};
