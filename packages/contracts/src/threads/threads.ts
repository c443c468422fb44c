import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { counter, cursor, id, page, pageInput } from '../kernel/types.ts';
import { Message } from '../messages/message.ts';

export const Thread = z
  .object({
    root: Message,
    replyCount: counter,
    lastReplySeq: counter.meta({ description: '0 while there is no reply' }),
    readSeq: counter.meta({ description: 'your read mark; 0 when never set' }),
    unread: counter.meta({ description: 'newer replies of others, counted up to 1,000' }),
  })
  .meta({ id: 'Thread' });

export const listThreads = operation({
  name: 'threads.list',
  summary: 'The threads of a conversation, most recent reply first.',
  http: { method: 'GET', path: '/conversations/:conversationId/threads', status: 200 },
  access: 'user',
  input: z.strictObject({ conversationId: id('conversation'), ...pageInput }),
  output: page(Thread),
  errors: ['CONVERSATION_NOT_FOUND', 'CURSOR_INVALID'],
});

export const getThread = operation({
  name: 'threads.get',
  summary: 'A thread: its root message and its replies in order.',
  http: { method: 'GET', path: '/messages/:messageId/thread', status: 200 },
  access: 'user',
  input: z.strictObject({ messageId: id('message'), ...pageInput }),
  output: Thread.extend({ items: z.array(Message), nextCursor: cursor.nullable() }),
  errors: ['MESSAGE_NOT_FOUND', 'CURSOR_INVALID'],
});

export const markThreadRead = operation({
  name: 'threads.markRead',
  summary: 'Set your read mark in a thread.',
  http: { method: 'POST', path: '/messages/:messageId/thread/read', status: 204 },
  socket: 'thread:read',
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ messageId: id('message'), readSeq: counter.optional().meta({ description: 'absent: all of it' }) }),
  errors: ['MESSAGE_NOT_FOUND'],
});
