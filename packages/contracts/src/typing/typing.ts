import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { operation } from '../kernel/operation.ts';
import { id, time } from '../kernel/types.ts';

export const setTyping = operation({
  name: 'typing.set',
  summary: 'Show the watchers of the conversation that you are typing; repeat every few seconds, it expires.',
  socket: 'typing',
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), isTyping: z.boolean() }),
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const typing = event('typing', 'A user is typing, or stopped. Best effort; it expires.', {
  conversationId: id('conversation'),
  userId: id('user'),
  isTyping: z.boolean(),
  expiresAt: time,
});
