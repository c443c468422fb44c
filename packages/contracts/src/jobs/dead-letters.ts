import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput, time } from '../kernel/types.ts';

export const DeadLetter = z
  .object({
    id: id('deadLetter').meta({ description: 'id of the event; what goes outside, such as a mail, bears it' }),
    type: z.string().meta({ description: 'of the event whose consequences were given up', examples: ['mail.due'] }),
    payload: z.record(z.string(), z.unknown()).meta({
      description: 'what was stored of the event',
      examples: [{ order: { kind: 'passwordChanged', userId: '018f2f6e-7d1a-7cc0-9d0e-3f1f8a0c2b11' } }],
    }),
    attempts: z.int(),
    reason: z
      .object({ code: z.string().meta({ examples: ['SERVICE_UNAVAILABLE'] }), error: z.string() })
      .meta({ description: 'why the last attempt failed; of INTERNAL the log of the server says more, under the id' }),
    storedAt: time,
    diedAt: time,
  })
  .meta({ id: 'DeadLetter' });

export const listDeadLetters = operation({
  name: 'admin.listDeadLetters',
  summary: 'Side effects of the account that were given up after their last attempt, the newest first.',
  http: { method: 'GET', path: '/admin/dead-letters', status: 200 },
  access: 'admin',
  scope: 'jobs:read',
  input: z.strictObject(pageInput),
  output: page(DeadLetter),
  errors: ['CURSOR_INVALID'],
});

const one = z.strictObject({ deadLetterId: id('deadLetter') });

export const getDeadLetter = operation({
  name: 'admin.getDeadLetter',
  summary: 'A side effect that was given up.',
  http: { method: 'GET', path: '/admin/dead-letters/:deadLetterId', status: 200 },
  access: 'admin',
  scope: 'jobs:read',
  input: one,
  output: DeadLetter,
  errors: ['DEAD_LETTER_NOT_FOUND'],
});

export const retryDeadLetter = operation({
  name: 'admin.retryDeadLetter',
  summary: 'Have a side effect tried again, within seconds and as often as at first.',
  http: { method: 'POST', path: '/admin/dead-letters/:deadLetterId/retry', status: 204 },
  access: 'admin',
  scope: 'jobs:write',
  idempotencyKey: 'record',
  input: one,
  errors: ['DEAD_LETTER_NOT_FOUND'],
});

export const dropDeadLetter = operation({
  name: 'admin.dropDeadLetter',
  summary: 'Forget a side effect, and what it should have caused.',
  http: { method: 'DELETE', path: '/admin/dead-letters/:deadLetterId', status: 204 },
  access: 'admin',
  scope: 'jobs:write',
  idempotencyKey: 'record',
  input: one,
  errors: ['DEAD_LETTER_NOT_FOUND'],
});
