import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { givenTime, id } from '../kernel/types.ts';
import { Conversation, Membership } from './conversation.ts';

export const updateMembership = operation({
  name: 'membership.update',
  summary: 'Archive, pin or mute a conversation for yourself. Your other devices receive `user:event` `membership.updated`.',
  http: { method: 'PATCH', path: '/conversations/:conversationId/membership', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    conversationId: id('conversation'),
    archived: z.boolean().optional(),
    pinned: z.boolean().optional(),
    mutedUntil: givenTime.nullish().meta({ description: 'null unmutes' }),
    notify: z.enum(['all', 'mentions', 'none']).optional(),
  }),
  output: Membership,
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const markUnread = operation({
  name: 'membership.markUnread',
  summary: 'Mark everything from this message on as unread, for yourself only.',
  http: { method: 'POST', path: '/conversations/:conversationId/unread', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation'), fromSeq: z.int().min(1) }),
  output: Conversation,
  errors: ['CONVERSATION_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
});
