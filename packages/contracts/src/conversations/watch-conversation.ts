import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

const input = z.strictObject({ conversationId: id('conversation') });

export const watchConversation = operation({
  name: 'conversations.watch',
  summary: 'This connection has the conversation open: live typing, presence and individual receipts, and its messages in any case.',
  socket: 'conversation:join',
  access: 'user',
  input,
  errors: ['CONVERSATION_NOT_FOUND', 'OPERATION_UNKNOWN'],
});

export const unwatchConversation = operation({
  name: 'conversations.unwatch',
  summary: 'The conversation is closed again; its messages go on.',
  socket: 'conversation:leave',
  access: 'user',
  input,
  errors: ['OPERATION_UNKNOWN'],
});
