import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { Message } from './message.ts';

export const getMessage = operation({
  name: 'messages.get',
  summary: 'One message.',
  http: { method: 'GET', path: '/messages/:messageId', status: 200 },
  access: 'user',
  input: z.strictObject({ messageId: id('message') }),
  output: Message,
  errors: ['MESSAGE_NOT_FOUND'],
});
