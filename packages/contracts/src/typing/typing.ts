import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { operation } from '../kernel/operation.ts';
import { id, time } from '../kernel/types.ts';

export const setTyping = operation({
  name: 'typing.set',
  summary: `Show the others that you are typing: all members up to ${limits.typingMembers}, in larger groups those who watch. Repeat every few seconds: it expires.`,
  socket: 'typing',
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), isTyping: z.boolean() }),
  errors: ['CONVERSATION_NOT_FOUND'],
});

export const typing = event('typing', 'A user is typing, or stopped; a message of theirs ends it. Best effort; it expires.', {
  conversationId: id('conversation'),
  userId: id('user'),
  isTyping: z.boolean(),
  expiresAt: time,
});
