import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput } from '../kernel/types.ts';
import { Message } from './message.ts';

const input = z.strictObject({ messageId: id('message') });

export const putPin = operation({
  name: 'pins.put',
  summary: 'Pin a message; idempotent.',
  http: { method: 'PUT', path: '/messages/:messageId/pin', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input,
  errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED', 'PIN_LIMIT_REACHED'],
});

export const deletePin = operation({
  name: 'pins.delete',
  summary: 'Unpin a message.',
  http: { method: 'DELETE', path: '/messages/:messageId/pin', status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input,
  errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED'],
});

export const listPins = operation({
  name: 'pins.list',
  summary: 'The pinned messages of a conversation, newest pin first.',
  http: { method: 'GET', path: '/conversations/:conversationId/pins', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), ...pageInput }),
  output: page(Message),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});
