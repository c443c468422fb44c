import { messagePosted, messageUpdated } from './message-events.ts';
import { MessageIndex } from './repositories.ts';
import { batchSubscriber, subscriber } from '../kernel/subscriber.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

/** Index entries are written asynchronously after the send, in batches; idempotent. */
export const indexPosted = batchSubscriber({
  name: 'search.indexPosted',
  on: messagePosted,
  asyncCommit: true,
  deps: { uow: unitOfWork({ messageIndex: MessageIndex }) },
  run: ({ uow }, account, events) => uow.write(account, (tx) => tx.messageIndex.index(events.flatMap(({ messageIds }) => messageIds))),
});

export const indexUpdated = subscriber({
  name: 'search.indexUpdated',
  on: messageUpdated,
  asyncCommit: true,
  deps: { uow: unitOfWork({ messageIndex: MessageIndex }) },
  run: ({ uow }, event) => uow.write(event.account, (tx) => tx.messageIndex.index([event.messageId])),
});
