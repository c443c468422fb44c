import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, line, page, pageInput, time } from '../kernel/types.ts';

export const SecurityEvent = z
  .object({
    id: id('securityEvent'),
    kind: z.string().meta({ examples: ['signed_in'] }),
    userId: id('user').optional().meta({ description: 'whom it concerns' }),
    sessionId: id('session').optional(),
    ip: z.string().meta({ description: 'empty for what was done from the command line' }),
    userAgent: z.string(),
    details: z.record(z.string(), z.unknown()).meta({ examples: [{ method: 'password' }] }),
    at: time,
  })
  .meta({ id: 'SecurityEvent' });

export const listSecurityEvents = operation({
  name: 'admin.listSecurityEvents',
  summary: "What happened to people's access and to the account, the newest first.",
  http: { method: 'GET', path: '/admin/security-events', status: 200 },
  access: 'admin',
  scope: 'security:read',
  input: z.strictObject({
    userId: id('user').optional(),
    kind: line({ min: 1, max: 64 })
      .optional()
      .meta({ examples: ['signed_in'] }),
    ...pageInput,
  }),
  output: page(SecurityEvent),
  errors: ['CURSOR_INVALID'],
});
