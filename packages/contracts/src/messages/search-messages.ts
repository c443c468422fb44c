import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, givenTime, id, page, pageInput, text } from '../kernel/types.ts';
import { messageWith } from './message.ts';

export const FoundMessage = messageWith({
  highlights: z
    .array(z.object({ start: counter, length: counter }))
    .meta({ description: 'ranges of the matches in `content`, in Unicode code points, ordered, without overlaps' }),
}).meta({ id: 'FoundMessage' });

export const searchMessages = operation({
  name: 'messages.search',
  summary:
    'Search messages of your conversations that contain all of the words, or parts of words, newest first. `q` is matched literally, ignoring case and accents. The work per page is bounded: a page may hold fewer than `limit` messages, even none, and `nextCursor` continues.',
  http: { method: 'GET', path: '/messages/search', status: 200 },
  access: 'user',
  input: z.strictObject({
    q: text({ min: 1, max: limits.search.query }).meta({ description: 'at least two letters or digits in a row, or one CJK character' }),
    conversationId: id('conversation').optional(),
    from: id('user').optional().meta({ description: 'the sender' }),
    before: givenTime.optional().meta({ description: 'exclusive' }),
    after: givenTime.optional().meta({ description: 'exclusive' }),
    has: z.enum(['attachment', 'image', 'link', 'mention']).optional(),
    ...pageInput,
  }),
  output: page(FoundMessage),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});
