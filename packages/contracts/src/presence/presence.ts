import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { operation } from '../kernel/operation.ts';
import { id, idList, time } from '../kernel/types.ts';

export const PresenceStatus = z.enum(['online', 'away', 'offline']);

const fields = {
  userId: id('user'),
  status: PresenceStatus,
  lastSeenAt: time.optional(),
  devices: z
    .array(z.object({ id: id('session'), type: z.enum(['browser', 'mobile', 'desktop', 'other']), status: PresenceStatus }))
    .optional()
    .meta({ description: 'visible to yourself only' }),
};

export const Presence = z.object(fields).meta({ id: 'Presence' });

export const getPresence = operation({
  name: 'users.presence',
  summary: 'Presence of a user; visible to friends and fellow members.',
  http: { method: 'GET', path: '/users/:userId/presence', status: 200 },
  access: 'user',
  input: z.strictObject({ userId: id('user') }),
  output: Presence,
  errors: ['USER_NOT_FOUND'],
});

export const queryPresence = operation({
  name: 'presence.query',
  summary: 'Presence of several users. On a connection it also subscribes to their changes, until it asks for others or disconnects.',
  http: { method: 'POST', path: '/presence/query', status: 200 },
  socket: 'presence:get',
  access: 'user',
  input: z.strictObject({ userIds: idList('user', limits.batch) }),
  output: z.object({ items: z.array(Presence) }),
  errors: [],
});

export const setPresence = operation({
  name: 'presence.set',
  summary: 'Set this connection active or idle. A device is away when all of its connections are.',
  socket: 'presence:set',
  access: 'user',
  input: z.strictObject({ status: z.enum(['online', 'away']) }),
  errors: [],
});

export const presenceChanged = event('presence:changed', 'A user came online, went offline or became idle.', fields);
