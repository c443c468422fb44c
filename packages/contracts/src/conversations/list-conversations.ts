import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { page, pageInput } from '../kernel/types.ts';
import { Conversation } from './conversation.ts';

export const listConversations = operation({
  name: 'conversations.list',
  summary: "One's own conversations, the most recently active first.",
  http: { method: 'GET', path: '/conversations', status: 200 },
  access: 'user',
  input: z.strictObject(pageInput),
  output: page(Conversation),
  errors: ['CURSOR_INVALID'],
});
