import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, id, page, pageInput, text, time } from '../kernel/types.ts';
import { messageWith } from './message.ts';

export const FoundMessage = messageWith({
  highlights: z
    .array(z.object({ start: counter, length: counter }))
    .meta({ description: 'where the words stand in `content`, in Unicode code points, in order and without overlaps' }),
}).meta({ id: 'FoundMessage' });

export const searchMessages = operation({
  name: 'messages.search',
  summary:
    'Messages of your own conversations that hold all of the words, or parts of words, newest first. Everything in `q` is taken literally; capitals and accents make no difference. A page looks through so much and no more: it may hold fewer than `limit`, even none, while `nextCursor` says from where to go on.',
  http: { method: 'GET', path: '/messages/search', status: 200 },
  access: 'user',
  input: z.strictObject({
    q: text({ min: 1, max: limits.search.query }).meta({ description: 'at least two letters or digits in a row, or one CJK character' }),
    conversationId: id('conversation').optional(),
    from: id('user').optional().meta({ description: 'the sender' }),
    before: time.optional().meta({ description: 'exclusive' }),
    after: time.optional().meta({ description: 'exclusive' }),
    has: z.enum(['attachment', 'image', 'link', 'mention']).optional(),
    ...pageInput,
  }),
  output: page(FoundMessage),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});
