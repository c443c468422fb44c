import { z } from 'zod';
import { counter, id, time } from '../kernel/types.ts';

export const Message = z
  .object({
    id: id('message'),
    conversationId: id('conversation'),
    seq: counter.meta({ description: 'its place in the conversation: 1, 2, 3 … without gaps' }),
    version: counter.meta({ description: "the conversation's version at this message's last change" }),
    senderId: id('user'),
    clientMessageId: z.string(),
    type: z.enum(['text', 'image', 'file', 'system', 'custom']),
    content: z.string().optional(),
    data: z.record(z.string(), z.unknown()).optional(),
    createdAt: time,
    editedAt: time.optional(),
    deletedAt: time.optional(),
  })
  .meta({ id: 'Message' });
