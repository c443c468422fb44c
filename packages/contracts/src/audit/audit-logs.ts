import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, givenTime, id, line, page, pageInput, time } from '../kernel/types.ts';

const actorKind = z.enum(['user', 'apiKey', 'operator', 'system', 'anonymous']).meta({
  description:
    'anonymous: a call without a session, by somebody who did not prove who they are; system: the server itself; operator: from the command line',
});

export const AuditEntry = z
  .object({
    id: id('auditEntry'),
    action: z.string().meta({ description: 'docs/audit-log.md lists them, with their details', examples: ['user_suspended'] }),
    actor: z.object({ kind: actorKind, id: z.uuid().optional().meta({ description: 'of the user or API key' }) }),
    target: z.object({ type: z.string().meta({ examples: ['user'] }), id: z.uuid() }),
    ip: z.string().meta({ description: 'empty for what was done at the machine, and once who acted is erased' }),
    userAgent: z.string(),
    sessionId: id('session').optional(),
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()).meta({
      description: 'plain values by name; empty once the person whom it was done to is erased',
      examples: [{ from: 'member', to: 'admin' }],
    }),
    at: time,
    seal: z
      .object({
        number: counter,
        hash: z.string().meta({
          description: 'SHA-256, hexadecimal',
          examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
        }),
      })
      .optional()
      .meta({ description: 'its place in the hash chain of the account; absent for the first seconds' }),
  })
  .meta({ id: 'AuditEntry' });

/** The longest text that is searched for. */
const MOST_SOUGHT = 200;

const search = {
  action: line({ min: 1, max: 64 })
    .optional()
    .meta({ examples: ['user_suspended'] }),
  actorKind: actorKind.optional(),
  actorId: id('actor').optional().meta({ description: 'id of a user or an API key' }),
  targetType: line({ min: 1, max: 64 })
    .optional()
    .meta({ examples: ['user'] }),
  targetId: id('target').optional().meta({ description: 'id of a user, a conversation, a message, an API key …' }),
  since: givenTime.optional().meta({ description: 'inclusive' }),
  before: givenTime.optional().meta({ description: 'exclusive' }),
  q: line({ min: 1, max: MOST_SOUGHT })
    .optional()
    .meta({ description: 'what the action, the address, the user agent, the request id or the details hold' }),
};

export const listAuditLogs = operation({
  name: 'admin.listAuditLogs',
  summary:
    'Who did what to whom in the account, from where and when, the newest first. A search that finds little answers short pages: go on while there is a `nextCursor`.',
  http: { method: 'GET', path: '/admin/audit-logs', status: 200 },
  access: 'admin',
  scope: 'audit:read',
  input: z.strictObject({ ...search, ...pageInput }),
  output: page(AuditEntry),
  errors: ['CURSOR_INVALID'],
});

export const exportAuditLogs = operation({
  name: 'admin.exportAuditLogs',
  summary: 'Download the audit log, or what is found in it: an `AuditEntry` a line, the newest first.',
  http: { method: 'GET', path: '/admin/audit-logs/export', status: 200, file: 'ndjson' },
  access: 'admin',
  scope: 'audit:export',
  input: z.strictObject(search),
  errors: [],
});
