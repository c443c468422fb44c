import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, text, time } from '../kernel/types.ts';

export const Report = z
  .object({
    id: id('report'),
    messageId: id('message').optional(),
    userId: id('user').meta({ description: 'the reported user; for a message its sender' }),
    reason: z.string(),
    createdAt: time,
  })
  .meta({ id: 'Report' });

export const createReport = operation({
  name: 'reports.create',
  summary:
    'Report a message or a user that you can see. The reported content is stored as it is now; reporting again answers the first report.',
  http: { method: 'POST', path: '/reports', status: 201, existing: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z
    .strictObject({
      messageId: id('message').optional(),
      userId: id('user').optional(),
      reason: text({ min: 1, max: limits.reportReason }),
    })
    .refine((input) => (input.messageId === undefined) !== (input.userId === undefined), {
      error: 'takes exactly one of messageId and userId',
      path: ['messageId'],
    }),
  output: Report,
  errors: ['MESSAGE_NOT_FOUND', 'USER_NOT_FOUND'],
});
