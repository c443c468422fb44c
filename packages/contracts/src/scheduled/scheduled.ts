import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput } from '../kernel/types.ts';
import { ScheduledMessage, scheduledInput, scheduledInputErrors } from './scheduled-message.ts';

const path = '/conversations/:conversationId/scheduled-messages';
const inConversation = { conversationId: id('conversation') };
const named = { ...inConversation, scheduledMessageId: id('scheduledMessage') };

export const createScheduled = operation({
  name: 'scheduled.create',
  summary: 'Send a message later, once or again and again. Only you see it until then.',
  http: { method: 'POST', path, status: 201 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ ...inConversation, ...scheduledInput }),
  output: ScheduledMessage,
  errors: [...scheduledInputErrors, 'SCHEDULED_MESSAGE_LIMIT_REACHED'],
});

export const listScheduled = operation({
  name: 'scheduled.list',
  summary: 'Your scheduled messages in a conversation, the one that is sent next first.',
  http: { method: 'GET', path, status: 200 },
  access: 'user',
  input: z.strictObject({ ...inConversation, ...pageInput }),
  output: page(ScheduledMessage),
  errors: ['CURSOR_INVALID'],
});

export const listAllScheduled = operation({
  name: 'scheduled.listAll',
  summary: 'Your scheduled messages in all conversations, the one that is sent next first.',
  http: { method: 'GET', path: '/scheduled-messages', status: 200 },
  access: 'user',
  input: z.strictObject(pageInput),
  output: page(ScheduledMessage),
  errors: ['CURSOR_INVALID'],
});

export const getScheduled = operation({
  name: 'scheduled.get',
  summary: 'One of your scheduled messages.',
  http: { method: 'GET', path: `${path}/:scheduledMessageId`, status: 200 },
  access: 'user',
  input: z.strictObject(named),
  output: ScheduledMessage,
  errors: ['SCHEDULED_MESSAGE_NOT_FOUND'],
});

export const updateScheduled = operation({
  name: 'scheduled.update',
  summary:
    'Replace what a scheduled message says and when it is sent; one that failed is tried again. With a `sendAt` of now it is sent at once.',
  http: { method: 'PUT', path: `${path}/:scheduledMessageId`, status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ ...named, ...scheduledInput }),
  output: ScheduledMessage,
  errors: [...scheduledInputErrors, 'SCHEDULED_MESSAGE_NOT_FOUND', 'SCHEDULED_MESSAGE_SENDING'],
});

export const deleteScheduled = operation({
  name: 'scheduled.delete',
  summary: 'Cancel a scheduled message: once this succeeds it is not sent any more. Succeeds when there is none.',
  http: { method: 'DELETE', path: `${path}/:scheduledMessageId`, status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject(named),
  errors: ['SCHEDULED_MESSAGE_SENDING'],
});
