import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { operation } from '../kernel/operation.ts';
import { id, time } from '../kernel/types.ts';

export const setTyping = operation({
  name: 'typing.set',
  summary: 'Show those who watch the conversation that one is typing; say so again every few seconds, it ends by itself.',
  socket: 'typing',
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), isTyping: z.boolean() }),
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const typing = event('typing', 'Somebody is typing, or stopped. It may be lost, and ends by itself.', {
  conversationId: id('conversation'),
  userId: id('user'),
  isTyping: z.boolean(),
  expiresAt: time,
});
