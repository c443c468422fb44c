import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

export const deleteMessage = operation({
  name: 'messages.delete',
  summary: 'Delete a message for everyone, which leaves a tombstone, or hide it for yourself only.',
  http: { method: 'DELETE', path: '/messages/:messageId', status: 204 },
  socket: 'message:delete',
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ messageId: id('message'), for: z.enum(['me', 'everyone']).default('everyone') }),
  errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN', 'EDIT_WINDOW_CLOSED'],
});
