import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, page, pageInput, time } from '../kernel/types.ts';

export const FormerContent = z
  .object({ content: z.string().optional(), editedAt: time.meta({ description: 'when it was replaced' }), editedBy: id('user') })
  .meta({ id: 'FormerContent' });

export const messageHistory = operation({
  name: 'messages.history',
  summary: 'Former contents of an edited message, newest first; for its author and for members who may read edits.',
  http: { method: 'GET', path: '/messages/:messageId/edits', status: 200 },
  access: 'user',
  input: z.strictObject({ messageId: id('message'), ...pageInput }),
  output: page(FormerContent),
  errors: ['MESSAGE_NOT_FOUND', 'FORBIDDEN', 'CURSOR_INVALID'],
});
