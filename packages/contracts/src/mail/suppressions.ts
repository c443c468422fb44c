import { z } from 'zod';
import { email } from '../auth/signup.ts';
import { operation } from '../kernel/operation.ts';
import { givenTime, id, line, page, pageInput, time } from '../kernel/types.ts';

const BounceKind = z.enum(['hard', 'soft', 'complaint']).meta({
  description:
    'hard: cannot be delivered there; soft: could not be for now, which counts the third time within a week; complaint: called unwanted',
});

const MailSuppression = z
  .object({
    id: id('mailSuppression'),
    address: z.string().meta({ examples: ['erin@example.com'] }),
    reason: BounceKind,
    suppressedAt: time,
    expiresAt: time.optional().meta({ description: 'when the address is tried again; absent: once somebody lifts it' }),
  })
  .meta({ id: 'MailSuppression' });

export const reportBounce = operation({
  name: 'admin.reportBounce',
  summary:
    'Say what came of mail to an address, as the mail provider reports it. Nothing more is sent there for a while; the answer is the same for every address.',
  http: { method: 'POST', path: '/admin/mail/bounces', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'mail:report',
  input: z.strictObject({
    address: email,
    kind: BounceKind,
    reportedAt: givenTime.optional().meta({ description: 'absent: now' }),
    messageId: line({ min: 1, max: 255 })
      .optional()
      .meta({
        examples: ['01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f@chat.example.com'],
        description: 'a soft bounce of one message counts once',
      }),
  }),
  errors: [],
});

export const listMailSuppressions = operation({
  name: 'admin.listMailSuppressions',
  summary: 'Addresses that nothing is sent to, since mail to them came back, the newest first.',
  http: { method: 'GET', path: '/admin/mail/suppressions', status: 200 },
  access: 'admin',
  scope: 'mail:read',
  input: z.strictObject({ address: email.optional(), ...pageInput }),
  output: page(MailSuppression),
  errors: ['CURSOR_INVALID'],
});

export const liftMailSuppression = operation({
  name: 'admin.liftMailSuppression',
  summary: 'Send mail to an address again.',
  http: { method: 'DELETE', path: '/admin/mail/suppressions/:suppressionId', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'mail:write',
  input: z.strictObject({ suppressionId: id('mailSuppression') }),
  errors: ['MAIL_SUPPRESSION_NOT_FOUND'],
});
