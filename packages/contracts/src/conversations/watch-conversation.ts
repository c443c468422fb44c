import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

const input = z.strictObject({ conversationId: id('conversation') });

export const watchConversation = operation({
  name: 'conversations.watch',
  summary:
    'Watch a conversation on this connection, when it is open on screen: presence, profile changes and individual receipts of its members, and typing in large groups. Its messages arrive in any case.',
  socket: 'conversation:join',
  access: 'user',
  input,
  errors: ['CONVERSATION_NOT_FOUND', 'OPERATION_UNKNOWN'],
});

export const unwatchConversation = operation({
  name: 'conversations.unwatch',
  summary: 'Stop watching a conversation; its messages still arrive.',
  socket: 'conversation:leave',
  access: 'user',
  input,
  errors: ['OPERATION_UNKNOWN'],
});
