import { operation } from '@coucou/contracts/kernel/operation';
import { givenTime, id, page, pageInput, text } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { savedLimits } from '../domain/limits.ts';
import { ListedSavedMessage, SavedMessage } from './saved-message.ts';

const path = '/messages/:messageId/saved';
const named = { messageId: id('message') };

export const saveMessage = operation({
  name: 'savedMessages.put',
  summary: 'Save a message for later, for yourself alone, or change its note and reminder; null clears them, an absent field is unchanged.',
  http: { method: 'PUT', path, status: 200 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({
    ...named,
    note: text({ min: 1, max: savedLimits.note })
      .nullish()
      .meta({ examples: ['Answer before lunch'] }),
    remindAt: givenTime.nullish().meta({
      description: 'when to notify you: ahead, at most about five years. Setting another time after a reminder was given makes a new one',
      examples: ['2027-01-15T09:30:00.000Z'],
    }),
  }),
  output: SavedMessage,
  errors: ['MESSAGE_NOT_FOUND', 'REMIND_AT_INVALID', 'SAVED_MESSAGE_LIMIT_REACHED'],
});

export const removeSavedMessage = operation({
  name: 'savedMessages.delete',
  summary: 'Remove a message from those you saved, and its reminder with it; succeeds when it is none of them.',
  http: { method: 'DELETE', path, status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject(named),
  errors: [],
});

export const listSavedMessages = operation({
  name: 'savedMessages.list',
  summary: 'What you saved, the newest first, each with its message where that is still available to you.',
  http: { method: 'GET', path: '/saved-messages', status: 200 },
  access: 'user',
  input: z.strictObject(pageInput),
  output: page(ListedSavedMessage),
  errors: ['CURSOR_INVALID'],
});
