import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, line, page, pageInput, text } from '../kernel/types.ts';
import { ruleAction, ruleKind } from './rules.ts';

/** Longer than a listed word may be: what separates words and what is not seen goes. */
const word = line({ min: 1, max: limits.listedWord * 2 }).meta({ examples: ['darn'] });
const action = z.enum(['mask', 'reject']).meta({ description: 'mask: the word is replaced by asterisks; reject: the message is refused' });
const normal = z.string().meta({ description: 'without case, accents and what separates its parts', examples: ['darn'] });

const ListedWord = z.object({ word: normal, action }).meta({ id: 'ListedWord' });

const at = '/admin/moderation/words';

export const listWords = operation({
  name: 'admin.listWords',
  summary: 'The words that the account masks or refuses, by word.',
  http: { method: 'GET', path: at, status: 200 },
  access: 'admin',
  scope: 'moderation:read',
  input: z.strictObject({ ...pageInput }),
  output: page(ListedWord),
  errors: ['CURSOR_INVALID'],
});

export const putWord = operation({
  name: 'admin.putWord',
  summary: 'List a word or a phrase, or change what it does. Whole words are matched, in messages sent or edited from then on.',
  http: { method: 'PUT', path: `${at}/:word`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'moderation:write',
  input: z.strictObject({ word, action }),
  output: ListedWord,
  errors: ['LISTED_WORD_LIMIT_REACHED'],
});

export const deleteWord = operation({
  name: 'admin.deleteWord',
  summary: 'Take a word from the list.',
  http: { method: 'DELETE', path: `${at}/:word`, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'moderation:write',
  input: z.strictObject({ word }),
  errors: ['LISTED_WORD_NOT_FOUND'],
});

export const testText = operation({
  name: 'admin.testText',
  summary:
    'What words and rules would make of a text, as they are now. Nothing is stored; repetitions and reports, which a text alone does not tell, are left out.',
  http: { method: 'POST', path: '/admin/moderation/test', status: 200 },
  access: 'admin',
  scope: 'moderation:read',
  input: z.strictObject({ text: text({ min: 1, max: limits.messageText }).meta({ examples: ['Darn it'] }) }),
  output: z.object({
    outcome: z.enum(['accept', 'mask', 'reject']),
    content: z
      .string()
      .optional()
      .meta({ description: 'as it would be stored; absent where it is refused', examples: ['**** it'] }),
    words: z.array(
      z.object({
        word: normal,
        action,
        from: counter.meta({ description: 'its first character, in Unicode code points' }),
        to: counter.meta({ description: 'the character after its last one' }),
      }),
    ),
    rules: z.array(z.object({ ruleId: id('moderationRule'), kind: ruleKind, action: ruleAction })),
  }),
  errors: [],
});
