import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { givenTime, id } from '../kernel/types.ts';
import { Member, MemberRole } from './conversation.ts';

export const updateMember = operation({
  name: 'members.update',
  summary: "Change a member's role, or mute them.",
  http: { method: 'PATCH', path: '/conversations/:conversationId/members/:userId', status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    conversationId: id('conversation'),
    userId: id('user'),
    role: MemberRole.optional(),
    mutedUntil: givenTime.nullish().meta({ description: 'null ends the mute' }),
  }),
  output: Member,
  errors: ['CONVERSATION_NOT_FOUND', 'FORBIDDEN', 'NOT_FOUND', 'LAST_OWNER'],
});
