import { z } from 'zod';
import { closing } from '../kernel/connection-events.ts';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput, time } from '../kernel/types.ts';

const ConnectionEnd = z.enum([
  ...closing.payload.shape.reason.options,
  'client_closed',
  'transport_closed',
  'transport_error',
  'ping_timeout',
  'unknown',
]);

const fields = {
  id: id('connection'),
  userId: id('user'),
  sessionId: id('session').meta({ description: 'the session that it was made with' }),
  transport: z
    .enum(['polling', 'websocket', 'plain'])
    .meta({ description: 'the last one: a connection may begin with long polling and upgrade' }),
  ip: z.string(),
  userAgent: z.string(),
  device: z.string().optional(),
  browser: z.string().optional(),
  os: z.string().optional(),
  connectedAt: time.meta({ description: 'when somebody was signed in on it' }),
  endedAt: time.optional().meta({ description: 'absent while it is open' }),
  endReason: ConnectionEnd.optional().meta({
    description:
      'the reason of the event `closing`, if the server closed it; else what the transport said; `unknown`: the node stopped without saying, and was last seen then',
  }),
  durationMs: z.int().min(0).optional(),
};

export const Connection = z.object(fields).meta({ id: 'Connection' });
export const LoggedConnection = z
  .object({ ...fields, node: z.string().meta({ examples: ['node-1'], description: 'its INSTANCE_ID' }) })
  .meta({ id: 'LoggedConnection' });

export const listConnectionHistory = operation({
  name: 'users.connectionHistory',
  summary: 'The connections of a user, the newest first: one’s own, or anybody’s for who administers the account.',
  http: { method: 'GET', path: '/users/:userId/connection-history', status: 200 },
  access: 'user',
  input: z.strictObject({ userId: id('user'), ...pageInput }),
  output: page(Connection),
  errors: ['USER_NOT_FOUND', 'FORBIDDEN', 'CURSOR_INVALID'],
});

export const listConnectionLogs = operation({
  name: 'admin.listConnectionLogs',
  summary: 'The connection log: who connected from where and when, and why it ended, the newest first.',
  http: { method: 'GET', path: '/admin/connection-logs', status: 200 },
  access: 'admin',
  scope: 'activity:read',
  input: z.strictObject({ userId: id('user').optional(), ...pageInput }),
  output: page(LoggedConnection),
  errors: ['CURSOR_INVALID'],
});
