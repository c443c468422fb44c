import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id, time } from '../kernel/types.ts';
import { Member, NewConversation, SharedConversation } from './conversation.ts';

const conversationId = id('conversation');
const LeaveReason = z.enum(['left', 'removed', 'banned']);

export const conversationNew = event('conversation:new', 'You are now a member of this conversation.', {
  conversationId,
  version: counter,
  conversation: NewConversation,
});
export const conversationRemoved = event('conversation:removed', 'You are no longer a member of this conversation.', {
  conversationId,
  version: counter,
  reason: z.enum([...LeaveReason.options, 'deleted']),
});
export const memberJoined = event('member:joined', 'A member joined.', { conversationId, version: counter, member: Member });
export const memberLeft = event('member:left', 'A member left or was removed.', {
  conversationId,
  version: counter,
  member: Member,
  reason: LeaveReason,
});
export const memberUpdated = event('member:updated', "A member's role or mute changed.", {
  conversationId,
  version: counter,
  member: Member,
});
export const conversationUpdated = event('conversation:updated', "The conversation's own fields changed.", {
  conversationId,
  version: counter,
  conversation: SharedConversation,
});
export const inboxUpdated = event('inbox:updated', "A conversation's place in the account's inbox changed; for watchers of the inbox.", {
  conversationId,
  status: z.enum(['open', 'pending', 'resolved']),
  assigneeId: id('user').optional(),
  labels: z.array(z.string()),
  lastMessageAt: time.optional(),
});
