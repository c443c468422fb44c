import { bind, bindSigned } from '@coucou/application/kernel/operation';
import { getThread } from '@coucou/application/threads/get-thread';
import { listThreads } from '@coucou/application/threads/list-threads';
import { markThreadRead } from '@coucou/application/threads/mark-thread-read';
import { Threads } from '@coucou/application/threads/repositories';
import { ThreadReader } from '@coucou/application/threads/thread-reader';
import * as threads from '@coucou/contracts/threads/threads';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createThreadReader } from '@coucou/postgres/threads/thread-reader';
import { createThreadRepository } from '@coucou/postgres/threads/thread-repository';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { signedFoundThread, signedThread } from './presenters.ts';

const nothing = () => {};

export const threadsFeature = feature({
  name: 'threads',
  operations: [
    bindSigned(threads.listThreads, listThreads, (sign) => presentPage(signedThread(sign))),
    bindSigned(threads.getThread, getThread, signedFoundThread),
    bind(threads.markThreadRead, markThreadRead, nothing),
  ],
  storage: {
    repositories: [repository(Threads, createThreadRepository)],
    readers: [reader(ThreadReader, createThreadReader)],
  },
});
