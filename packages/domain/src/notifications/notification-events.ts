import type { Notification } from './notification.ts';

export type NotificationEvent = Readonly<{ type: 'notification.created'; notification: Notification }>;
