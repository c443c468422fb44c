import type { SignFile } from '@coucou/application/ports/file-urls';
import type { Thread, ThreadReader } from '@coucou/application/threads/thread-reader';
import type { getThread, Thread as WireThread } from '@coucou/contracts/threads/threads';
import type { z } from 'zod';
import { signedMessage } from '../messages/presenters.ts';

export const signedThread =
  (sign: SignFile) =>
  (thread: Thread): z.infer<typeof WireThread> => ({
    root: signedMessage(sign)(thread.root),
    replyCount: thread.replyCount,
    lastReplySeq: thread.lastReplySeq,
    readSeq: thread.readSeq,
    unread: thread.unread,
  });

type Found = NonNullable<Awaited<ReturnType<ThreadReader['find']>>>;

export const signedFoundThread =
  (sign: SignFile) =>
  (thread: Found): z.infer<NonNullable<(typeof getThread)['output']>> => ({
    ...signedThread(sign)(thread),
    items: thread.replies.items.map(signedMessage(sign)),
    nextCursor: thread.replies.nextCursor ?? null,
  });
