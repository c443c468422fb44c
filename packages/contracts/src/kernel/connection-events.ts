import { z } from 'zod';
import { ErrorBody } from './error.ts';
import { event } from './event.ts';
import { time } from './types.ts';

/** Events about the connection itself. */
export const connected = event('connected', 'The connection is up; on plain WebSocket the answer to "connect".', {
  protocol: z.literal(1),
  serverTime: time,
  epoch: z.string().meta({ description: 'changes when the database was restored from a back-up: sync then resets' }),
  socketId: z.string(),
  userId: z.string().optional().meta({ description: 'absent until authenticated' }),
});
export const authenticated = event('authenticated', 'The token was accepted.', { userId: z.string(), expiresAt: time });
export const closing = event('closing', 'The server is about to close this connection.', {
  reason: z.enum([
    'server_draining',
    'slow_consumer',
    'rate_limited',
    'payload_too_large',
    'protocol_error',
    'unauthenticated',
    'session_revoked',
    'suspended',
  ]),
  retryAfterMs: z.int().optional(),
});
export const rateLimitExceeded = event(
  'rate_limit_exceeded',
  'A call was refused since there were too many; its acknowledgement says the same.',
  {
    limit: z.int().positive(),
    window: z.int().positive().meta({ description: 'in seconds' }),
    resetAt: time.meta({ description: 'when the next call is allowed' }),
    operation: z.string(),
  },
);
export const operationFailed = event('error', 'A call without an acknowledgement failed.', { operation: z.string(), error: ErrorBody });
