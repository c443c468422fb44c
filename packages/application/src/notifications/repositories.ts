import type { NotificationRepository } from '@coucou/domain/notifications/notification-repository';
import { token } from '../kernel/token.ts';

export const Notifications = token<NotificationRepository>('Notifications');
