import { messagePosted, messageUpdated } from './message-events.ts';
import { MessageSearch } from './repositories.ts';
import { batchSubscriber, subscriber } from '../kernel/subscriber.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

/** The search's entries are written behind the send, a batch at a time; writing them again changes nothing. */
export const indexPosted = batchSubscriber({
  name: 'search.indexPosted',
  on: messagePosted,
  deps: { uow: unitOfWork({ messageSearch: MessageSearch }) },
  run: ({ uow }, account, events) => uow.write(account, (tx) => tx.messageSearch.index(events.flatMap(({ messageIds }) => messageIds))),
});

export const indexUpdated = subscriber({
  name: 'search.indexUpdated',
  on: messageUpdated,
  deps: { uow: unitOfWork({ messageSearch: MessageSearch }) },
  run: ({ uow }, event) => uow.write(event.account, (tx) => tx.messageSearch.index([event.messageId])),
});
