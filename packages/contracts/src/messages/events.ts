import { z } from 'zod';
import { event } from '../kernel/event.ts';
import { counter, id } from '../kernel/types.ts';
import { Message } from './message.ts';

export const messageNew = event('message:new', 'A message was posted.', {
  conversationId: id('conversation'),
  version: counter,
  message: Message,
  receipt: z
    .object({ receiptsVersion: counter, readSeq: counter, deliveredSeq: counter })
    .optional()
    .meta({ description: "the sender's own marks, when sending moved them" }),
});
