import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, text, time } from '../kernel/types.ts';

export const Draft = z
  .object({ conversationId: id('conversation'), content: z.string(), replyToId: id('message').optional(), updatedAt: time })
  .meta({ id: 'Draft' });

const path = '/conversations/:conversationId/draft';
const named = { conversationId: id('conversation') };

export const getDraft = operation({
  name: 'drafts.get',
  summary: 'Your draft in a conversation.',
  http: { method: 'GET', path, status: 200 },
  access: 'user',
  input: z.strictObject(named),
  output: Draft,
  errors: ['CONVERSATION_NOT_FOUND', 'NOT_FOUND'],
});

export const putDraft = operation({
  name: 'drafts.put',
  summary: 'Save your draft in a conversation, for all of your devices; the last write wins.',
  http: { method: 'PUT', path, status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ ...named, content: text({ min: 1, max: limits.messageText }), replyToId: id('message').optional() }),
  output: Draft,
  errors: ['CONVERSATION_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
});

export const deleteDraft = operation({
  name: 'drafts.delete',
  summary: 'Delete your draft; succeeds when there is none.',
  http: { method: 'DELETE', path, status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject(named),
  errors: [],
});
