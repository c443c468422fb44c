import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, idList } from '../kernel/types.ts';

export const markNotifications = operation({
  name: 'notifications.markRead',
  summary: 'Mark notifications as read: those named, or one and all older ones.',
  http: { method: 'POST', path: '/notifications/read', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z
    .strictObject({ ids: idList('notification', limits.batch).optional(), upTo: id('notification').optional() })
    .refine((input) => (input.ids === undefined) !== (input.upTo === undefined), {
      error: 'takes exactly one of ids and upTo',
      path: ['ids'],
    }),
  output: z.object({ unread: counter.meta({ description: `still unread, counted up to ${limits.notifications.counted}` }) }),
  errors: [],
});
