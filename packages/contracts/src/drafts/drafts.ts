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
  summary: 'What one has begun to write in a conversation.',
  http: { method: 'GET', path, status: 200 },
  access: 'user',
  input: z.strictObject(named),
  output: Draft,
  errors: ['CONVERSATION_NOT_FOUND', 'NOT_FOUND'],
});

export const putDraft = operation({
  name: 'drafts.put',
  summary: "Keep what one has begun to write, for all of one's devices; the last one to write wins.",
  http: { method: 'PUT', path, status: 200 },
  access: 'user',
  input: z.strictObject({ ...named, content: text({ min: 1, max: limits.messageText }), replyToId: id('message').optional() }),
  output: Draft,
  errors: ['CONVERSATION_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
});

export const deleteDraft = operation({
  name: 'drafts.delete',
  summary: 'Throw a draft away; harmless where there is none.',
  http: { method: 'DELETE', path, status: 204 },
  access: 'user',
  input: z.strictObject(named),
  errors: [],
});
