import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput } from '../kernel/types.ts';
import { ScheduledMessage, scheduledInput, scheduledInputErrors } from './scheduled-message.ts';

export const scheduleForAccount = operation({
  name: 'admin.scheduleMessage',
  summary:
    'Send a message later in the name of a member of the conversation; it belongs to the account, and the sender does not see it until then.',
  http: { method: 'POST', path: '/admin/scheduled-messages', status: 201 },
  access: 'admin',
  scope: 'scheduled:write',
  idempotencyKey: 'record',
  input: z.strictObject({ conversationId: id('conversation'), senderId: id('user'), ...scheduledInput }),
  output: ScheduledMessage,
  errors: [...scheduledInputErrors, 'FORBIDDEN', 'USER_NOT_FOUND', 'SCHEDULED_MESSAGE_LIMIT_REACHED'],
});

export const listOfAccount = operation({
  name: 'admin.listScheduledMessages',
  summary: 'The scheduled messages that belong to the account, the one that is sent next first.',
  http: { method: 'GET', path: '/admin/scheduled-messages', status: 200 },
  access: 'admin',
  scope: 'scheduled:read',
  input: z.strictObject(pageInput),
  output: page(ScheduledMessage),
  errors: ['CURSOR_INVALID'],
});

export const deleteOfAccount = operation({
  name: 'admin.deleteScheduledMessage',
  summary: 'Cancel a scheduled message of the account. Succeeds when there is none.',
  http: { method: 'DELETE', path: '/admin/scheduled-messages/:scheduledMessageId', status: 204 },
  access: 'admin',
  scope: 'scheduled:write',
  idempotencyKey: 'record',
  input: z.strictObject({ scheduledMessageId: id('scheduledMessage') }),
  errors: ['SCHEDULED_MESSAGE_SENDING'],
});
