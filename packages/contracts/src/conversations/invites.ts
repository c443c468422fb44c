import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, line, page, pageInput, time } from '../kernel/types.ts';
import { User } from '../users/user.ts';
import { Conversation } from './conversation.ts';

export const Invite = z
  .object({
    code: z.string().meta({ examples: ['Qm3vXw0pT1aZk9Lr'] }),
    conversationId: id('conversation'),
    createdBy: id('user'),
    createdAt: time,
    expiresAt: time.optional().meta({ description: 'absent: until revoked' }),
    maxUses: z.int().min(1).optional(),
    uses: counter,
  })
  .meta({ id: 'Invite' });

export const InvitePreview = z
  .object({
    code: z.string(),
    conversation: z.object({
      id: id('conversation'),
      title: z.string().optional(),
      description: z.string().optional(),
      avatarUrl: z.string().optional(),
      memberCount: counter,
    }),
    inviter: User.optional(),
    isMember: z.boolean().meta({ description: 'you are already a member' }),
    expiresAt: time.optional(),
  })
  .meta({ id: 'InvitePreview' });

/** Any text: a malformed code is answered as an unknown one. */
const code = line({ min: 1, max: 64 });
const conversationId = id('conversation');
const guessed = ['INVITE_NOT_FOUND', 'INVITE_EXHAUSTED', 'BANNED', 'RATE_LIMITED'];

export const createInvite = operation({
  name: 'invites.create',
  summary: 'Create an invite to a group.',
  http: { method: 'POST', path: '/conversations/:conversationId/invites', status: 201 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    conversationId,
    expiresInSeconds: z.int().min(limits.invite.seconds.min).max(limits.invite.seconds.max).optional(),
    maxUses: z.int().min(1).max(limits.invite.uses).optional(),
  }),
  output: Invite,
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN'],
});

export const listInvites = operation({
  name: 'invites.list',
  summary: "A group's invites that are not revoked, newest first; for members who may invite.",
  http: { method: 'GET', path: '/conversations/:conversationId/invites', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId, ...pageInput }),
  output: page(Invite),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'CURSOR_INVALID'],
});

export const revokeInvite = operation({
  name: 'invites.revoke',
  summary: 'Revoke an invite.',
  http: { method: 'DELETE', path: '/conversations/:conversationId/invites/:code', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId, code }),
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'INVITE_NOT_FOUND'],
});

export const previewInvite = operation({
  name: 'invites.preview',
  summary: 'Preview the group of an invite. Wrong codes are rate-limited.',
  http: { method: 'GET', path: '/invites/:code', status: 200 },
  access: 'user',
  input: z.strictObject({ code }),
  output: InvitePreview,
  errors: guessed,
});

export const acceptInvite = operation({
  name: 'invites.accept',
  summary: 'Join a group by an invite; for members no use is counted.',
  http: { method: 'POST', path: '/invites/:code/accept', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ code }),
  output: Conversation,
  errors: [...guessed, 'CONVERSATION_FULL', 'CONVERSATION_NOT_FOUND', 'USER_NOT_FOUND'],
});
