import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput, time } from '../kernel/types.ts';
import { PresenceStatus } from '../presence/presence.ts';

export const PresenceEntry = z
  .object({ userId: id('user'), status: PresenceStatus, at: time.meta({ description: 'since when' }) })
  .meta({ id: 'PresenceEntry' });

export const listPresenceHistory = operation({
  name: 'users.presenceHistory',
  summary: 'When a user was online, away and offline, the newest first: one’s own history, or anybody’s for who administers the account.',
  http: { method: 'GET', path: '/users/:userId/presence-history', status: 200 },
  access: 'user',
  input: z.strictObject({ userId: id('user'), ...pageInput }),
  output: page(PresenceEntry),
  errors: ['USER_NOT_FOUND', 'FORBIDDEN', 'CURSOR_INVALID'],
});

export const listPresenceLogs = operation({
  name: 'admin.listPresenceLogs',
  summary: 'The presence log: who came online, went away and offline, the newest first.',
  http: { method: 'GET', path: '/admin/presence-logs', status: 200 },
  access: 'admin',
  scope: 'activity:read',
  input: z.strictObject({ userId: id('user').optional(), ...pageInput }),
  output: page(PresenceEntry),
  errors: ['CURSOR_INVALID'],
});
