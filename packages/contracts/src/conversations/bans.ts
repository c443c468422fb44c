import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { givenTime, id, page, pageInput, text, time } from '../kernel/types.ts';
import { User } from '../users/user.ts';

export const Ban = z
  .object({
    userId: id('user'),
    user: User,
    bannedBy: id('user'),
    reason: z.string().optional(),
    createdAt: time,
    expiresAt: time.optional().meta({ description: 'absent: permanent' }),
  })
  .meta({ id: 'Ban' });

const named = { conversationId: id('conversation'), userId: id('user') };

export const banMember = operation({
  name: 'members.ban',
  summary: 'Ban a user from a group; a member is removed. Replaces an earlier ban.',
  http: { method: 'PUT', path: '/conversations/:conversationId/bans/:userId', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ ...named, reason: text({ min: 1, max: limits.banReason }).optional(), expiresAt: givenTime.optional() }),
  output: Ban,
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'USER_NOT_FOUND'],
});

export const unbanMember = operation({
  name: 'members.unban',
  summary: 'Lift a ban.',
  http: { method: 'DELETE', path: '/conversations/:conversationId/bans/:userId', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject(named),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'NOT_FOUND'],
});

export const listBans = operation({
  name: 'bans.list',
  summary: 'The current bans of a group, newest first; for members who may ban.',
  http: { method: 'GET', path: '/conversations/:conversationId/bans', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), ...pageInput }),
  output: page(Ban),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'CURSOR_INVALID'],
});
