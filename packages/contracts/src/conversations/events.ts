import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id } from '../kernel/types.ts';
import { Conversation, Member } from './conversation.ts';

const conversationId = id('conversation');
const LeaveReason = z.enum(['left', 'removed', 'banned']);

export const conversationNew = event('conversation:new', 'You are a member of this conversation now.', {
  conversationId,
  version: counter,
  conversation: Conversation,
});
export const conversationRemoved = event('conversation:removed', 'You are no member of this conversation any more.', {
  conversationId,
  version: counter,
  reason: LeaveReason,
});
export const memberJoined = event('member:joined', 'Someone joined.', { conversationId, version: counter, member: Member });
export const memberLeft = event('member:left', 'Someone left or was removed.', {
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
