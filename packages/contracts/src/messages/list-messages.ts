import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { givenTime, id, pageInput } from '../kernel/types.ts';
import { Message } from './message.ts';

/** A place in a conversation: a seq, or a time. */
const place = z.union([z.int().min(0), givenTime]);

export const listMessages = operation({
  name: 'messages.list',
  summary: 'Message history before, after or around a seq or a time (exclusive); the newest page without one.',
  http: { method: 'GET', path: '/conversations/:conversationId/messages', status: 200 },
  access: 'user',
  conditional: true,
  input: z
    .strictObject({
      conversationId: id('conversation'),
      limit: pageInput.limit,
      before: place.optional(),
      after: place.optional(),
      around: place.optional(),
    })
    .refine((input) => [input.before, input.after, input.around].filter((value) => value !== undefined).length <= 1, {
      error: 'takes at most one of before, after and around',
      path: ['before'],
    }),
  output: z.object({ items: z.array(Message).meta({ description: 'ascending by seq' }), hasBefore: z.boolean(), hasAfter: z.boolean() }),
  errors: ['CONVERSATION_NOT_FOUND'],
});
