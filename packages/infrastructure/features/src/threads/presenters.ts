import type { Thread, ThreadReader } from '@coucou/application/threads/thread-reader';
import type { getThread, Thread as WireThread } from '@coucou/contracts/threads/threads';
import type { z } from 'zod';
import { presentMessage } from '../messages/presenters.ts';

export const presentThread = (thread: Thread): z.infer<typeof WireThread> => ({
  root: presentMessage(thread.root),
  replyCount: thread.replyCount,
  lastReplySeq: thread.lastReplySeq,
  readSeq: thread.readSeq,
  unread: thread.unread,
});

type Found = NonNullable<Awaited<ReturnType<ThreadReader['find']>>>;

export const presentFoundThread = (thread: Found): z.infer<NonNullable<(typeof getThread)['output']>> => ({
  ...presentThread(thread),
  items: thread.replies.items.map(presentMessage),
  nextCursor: thread.replies.nextCursor ?? null,
});
