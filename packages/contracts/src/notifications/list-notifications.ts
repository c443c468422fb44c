import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, page, pageInput } from '../kernel/types.ts';
import { Notification } from './notification.ts';

export const listNotifications = operation({
  name: 'notifications.list',
  summary: 'Your notifications, newest first, and the number of unread ones.',
  http: { method: 'GET', path: '/notifications', status: 200 },
  access: 'user',
  input: z.strictObject({ unread: z.boolean().optional().meta({ description: 'true: the unread ones only' }), ...pageInput }),
  output: page(Notification).extend({
    unread: counter.meta({ description: `of all notifications, counted up to ${limits.notifications.counted}` }),
  }),
  errors: ['CURSOR_INVALID'],
});
